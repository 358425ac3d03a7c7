import SystemIO

/// Folders listed once, so that looking for sidecars costs next to nothing per clip.
struct SidecarNames {
    /// Nil for a folder that can't be listed.
    private var names: [String: Set<String>?] = [:]

    /// The paths of what may be sidecars of a clip.
    mutating func sidecars(beside clip: String) -> [String] {
        let known = names(in: Path.parent(of: clip))
        guard known?.isEmpty != true else { return [] }
        let stem = Path.withoutExtension(clip)
        return Sidecar.extensions.map { "\(stem).\($0)" }.filter { sidecar in
            known?.contains(Path.name(of: sidecar)) ?? Self.mayBeThere(sidecar)
        }
    }

    private mutating func names(in folder: String) -> Set<String>? {
        if let found = names[folder] { return found }
        // Nothing is lost: in a folder that can't be listed each sidecar is looked for by itself.
        let all = try? Folder.entries(in: folder)
        let found = all.map { all in
            Set(all.map(\.name).filter { name in Sidecar.extensions.contains { name.hasSuffix($0) } })
        }
        names[folder] = .some(found)
        return found
    }

    /// What can't be looked at may be there: whoever reads it says why that is not possible.
    private static func mayBeThere(_ path: String) -> Bool {
        do throws(FileError) {
            _ = try FileIdentity(of: path)
            return true
        } catch {
            return !error.isNotFound
        }
    }
}
