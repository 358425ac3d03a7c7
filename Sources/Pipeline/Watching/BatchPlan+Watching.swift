import SystemIO

extension BatchPlan {
    /// The clips as they are now, for `SessionWatch`. One that is gone by now is left out.
    public func watched(_ end: SessionEnd) -> [SessionWatch.Clip] {
        var marked: [String: Bool] = [:]
        let folders = pipeline.sessions?.sessions.map { Path.parent(of: $0.file) }
        return clips.compactMap { clip in
            // One that can't be looked at is looked at again in a moment.
            guard let identity = try? FileIdentity(of: clip.file.path) else { return nil }
            let folder = folders?[clip.session] ?? Path.parent(of: clip.file.path)
            var isMarked = false
            if case .file(let name) = end {
                // As above.
                isMarked = marked[folder] ?? ((try? FileIdentity(of: "\(folder)/\(name)")) != nil)
                marked[folder] = isMarked
            }
            return .init(
                path: clip.file.path, folder: folder, identity: identity.fingerprint, isMarkedDone: isMarked)
        }
    }

    /// The plan with only the clips at these paths: what an earlier report says of others stays.
    public func keeping(_ paths: Set<String>) -> BatchPlan {
        var plan = self
        plan.clips = clips.filter { paths.contains($0.file.path) }
        plan.isPart = isPart || plan.clips.count < clips.count
        return plan
    }

    /// Where the clip of a name in the output folder is; nil for one that is not of this plan.
    public func path(ofClip name: String) -> String? { clips.first { $0.file.name == name }?.file.path }
}

extension PipelineFile {
    /// More are looked at by the regular looks only.
    private static let mostFolders = 4_096

    /// The folders in which something new can be: those that the patterns start from, and all below, but for the output.
    public var foldersToWatch: [String] {
        let patterns = (sessions?.patterns ?? []) + clips + (sessions?.sessions.flatMap(\.pipeline.clips) ?? [])
        var folders: [String] = []
        var seen: Set<String> = []
        var waiting = patterns.map { Glob.base(of: $0) }
        while let folder = waiting.popLast(), folders.count < Self.mostFolders {
            guard seen.insert(folder).inserted, folder != output else { continue }
            folders.append(folder)
            // One that can't be listed may be there later.
            let entries = (try? Folder.entries(in: folder)) ?? []
            waiting += entries.filter { $0.isFolder == true }.map { "\(folder)/\($0.name)" }
        }
        return folders
    }
}
