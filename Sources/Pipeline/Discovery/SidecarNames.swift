import SystemIO

/// Folders listed once, so that looking for sidecars costs next to nothing per clip.
struct SidecarNames {
    private var names: [String: Set<String>] = [:]

    /// The paths of what may be sidecars of a clip.
    mutating func sidecars(beside clip: String) -> [String] {
        let folder = Path.parent(of: clip)
        if names[folder] == nil {
            let all = (try? Folder.entries(in: folder)) ?? []
            names[folder] = Set(all.map(\.name).filter { name in Sidecar.extensions.contains { name.hasSuffix($0) } })
        }
        guard let known = names[folder], !known.isEmpty else { return [] }
        let stem = Path.withoutExtension(clip)
        return Sidecar.extensions.map { "\(stem).\($0)" }.filter { known.contains(Path.name(of: $0)) }
    }
}
