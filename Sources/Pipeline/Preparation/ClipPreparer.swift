import ClipModel
import FoundationEssentials
import Journal
import MediaWorker
import SystemIO

/// Makes a clip ready for upload: measures it, renders its thumbnails, computes its digests, writes its manifest. Needs
/// no network; equal input and options give equal bytes.
struct ClipPreparer: Sendable {
    let output: OutputFolder
    /// Decodes; one worker a core.
    let media: MediaWorkerPool
    /// Reads and hashes beside it.
    let reading: BlockingPool
    /// Waits for the disk, so it keeps nobody from reading.
    let writing: BlockingPool
    /// Threads that decode one clip: more than one only when there are fewer clips than cores.
    let decoderThreads: Int

    /// Writes thumbnails, blocks if asked for, and last the manifest.
    ///
    /// - Parameter stage: Called when a stage begins.
    func prepare(
        _ clip: PlannedClip, stage: @Sendable (ClipStage) -> Void
    ) async throws(ClipFailure) -> PreparedClip {
        let (file, identity) = try open(clip.file.path)
        // Before the first byte is read.
        let stamp = file.stamp(of: identity)
        stage(.measuring)
        async let answer = examine(file, clip.options)
        async let digests = digest(file, size: identity.size, clip.options)
        // Both are awaited before either failure is thrown; the media's says more about a bad file.
        let examined = await answer
        let hashed = await digests
        let media = try examined.get()
        let contents = try hashed.get()
        // What can't be looked at any more is as good as changed: it is prepared by the next run.
        guard (try? file.identity()) == identity else { throw Self.growing }

        stage(.writing)
        let manifest = try manifest(for: clip, media: media, contents: contents, identity: identity)
        let files = try await write(manifest, of: clip, media: media, plan: contents.plan, source: file)
        return PreparedClip(manifest: manifest, identity: identity, stamp: stamp, files: files)
    }

    /// The manifest with the results of other checks: nothing else is made anew.
    ///
    /// - Parameter manifest: As it was written for the same file and the same other options.
    func recheck(
        _ manifest: Manifest, of clip: PlannedClip, _ identity: FileIdentity
    ) async throws(ClipFailure) -> PreparedClip {
        var manifest = manifest
        var found: FoundStretches?
        if let stretches = clip.options.checks?.stretches {
            let (file, opened) = try open(clip.file.path)
            guard opened == identity else { throw Self.growing }
            var request = MediaRequest(decoderThreads: decoderThreads, deadlineSeconds: MediaRequest.wholeFile)
            request.stretches = stretches
            do throws(MediaError) {
                found = try await media.examine(file, request).stretches
            } catch {
                throw ClipFailure(error)
            }
        }
        let old = Set((manifest.checks ?? []).compactMap(\.sentence))
        let warnings = manifest.warnings.filter { !old.contains($0) }
        try apply(clip.options.checks, to: &manifest, found, warnings)
        let checked = manifest
        let files = try await writing.result { () throws(ClipFailure) in try write(checked, of: clip) }.get()
        return PreparedClip(manifest: manifest, identity: identity, stamp: nil, files: files)
    }

    /// Throws where a check is not met that fails the clip.
    private func apply(
        _ checks: CheckOptions?, to manifest: inout Manifest, _ found: FoundStretches?, _ warnings: [String]
    ) throws(ClipFailure) {
        let results = checks?.results(manifest.media, found)
        let failed = (results ?? []).filter { $0.level == .fail }.compactMap(\.sentence)
        guard failed.isEmpty else { throw ClipFailure(.permanent, failed.joined(separator: "; ")) }
        manifest.checks = results
        manifest.warnings = warnings + (results ?? []).compactMap(\.sentence)
    }

    static let growing = ClipFailure(.skipped, "the file is still being written; run again when it is done")

    private func open(_ path: String) throws(ClipFailure) -> (OpenFile, FileIdentity) {
        do throws(FileError) {
            let file = try OpenFile(path)
            return (file, try file.identity())
        } catch {
            throw ClipFailure(error)
        }
    }

    private func examine(_ file: OpenFile, _ options: ClipOptions) async -> Result<MediaAnswer, ClipFailure> {
        var request = MediaRequest(
            thumbnails: options.thumbnails, hashesVideo: options.hashesVideo == true, decoderThreads: decoderThreads)
        request.stretches = options.checks?.stretches
        request.sheet = options.sheet
        if request.stretches != nil || request.hashesVideo || request.sheet != nil {
            request.deadlineSeconds = MediaRequest.wholeFile
        }
        do throws(MediaError) {
            return .success(try await media.examine(file, request))
        } catch {
            return .failure(ClipFailure(error))
        }
    }

    private func digest(_ file: OpenFile, size: Int64, _ options: ClipOptions) async -> Result<Contents, ClipFailure> {
        await reading.result { () throws(ClipFailure) in
            let plan: BlockPlan
            do throws(BlockPlanError) {
                plan = try BlockPlan(fileSize: ByteCount(size), blockSize: ByteCount(options.blockSize))
            } catch {
                throw ClipFailure(error)
            }
            do throws(DigestingError) {
                return Contents(plan: plan, digests: try FileDigests(of: file, plan: plan, isAlone: decoderThreads > 1))
            } catch {
                throw ClipFailure(error)
            }
        }
    }

    private struct Contents: Sendable {
        var plan: BlockPlan
        var digests: FileDigests
    }
}

/// What a clip's preparation gave.
struct PreparedClip: Sendable {
    var manifest: Manifest
    /// The file as it was read.
    var identity: FileIdentity
    /// What it has for as long as nobody has written to it since then; nil if that isn't known.
    var stamp: String?
    /// What was written.
    var files: PreparedRecord.Files?
}

// MARK: - The manifest

extension ClipPreparer {
    private func manifest(
        for clip: PlannedClip, media: MediaAnswer, contents: Contents, identity: FileIdentity
    ) throws(ClipFailure) -> Manifest {
        guard let pictures = media.thumbnails else { throw ClipFailure(.permanent, "no thumbnail could be made") }
        let options = clip.options
        let digests = contents.digests
        var facts = media.facts
        var request = options.request
        request.userCaption =
            try MediaPlaceholder.fill(options.caption, "userCaption", facts) { $0 } ?? request.userCaption
        request.titleData =
            try MediaPlaceholder.fill(options.titleData, "titleData", facts, as: Placeholders.escaped)
            ?? request.titleData
        let date = RecordingDate(
            sidecar: options.dateRecorded, media: media, name: Path.name(of: clip.file.path),
            modified: identity.modificationTime)
        request.dateRecorded = date.time.description
        facts.dateRecordedFrom = date.source
        request.durationInSeconds = facts.durationInSeconds
        request.fileSize = UInt32(clamping: identity.size)
        request.expectedBlocks = UInt32(clamping: contents.plan.count)
        if request.thumbnailSource == .offset {
            request.thumbnailOffsetMillseconds = Int32(clamping: pictures.usedOffsetMilliseconds)
        }
        let key: String
        let large: Manifest.Picture
        let small: Manifest.Picture
        let sheet: Manifest.Sheet?
        do throws(DigestError) {
            key = try ClipKey.of(
                clip: options.clip, scid: options.scid, sessionRef: request.sessionRef, content: digests.file)
            large = try picture(pictures.large, of: clip.file.name, "large", .largeThumbnail)
            small = try picture(pictures.small, of: clip.file.name, "small", .smallThumbnail)
            sheet = try media.sheet.map { rendered throws(DigestError) in
                try self.sheet(rendered, of: clip.file.name, isSprite: options.sheet?.isSprite == true)
            }
        } catch {
            throw ClipFailure(error)
        }
        request.systemProperties = ClipMarker(key: key, beside: options.request.systemProperties).text
        try request.check()
        var manifest = Manifest(
            clip: options.clip, scid: options.scid,
            file: Manifest.FileEntry(path: options.file, size: identity.size, sha256: digests.file),
            request: WithUnknownFields(request),
            blocks: Manifest.Blocks(size: options.blockSize, sha256: digests.blocks),
            thumbnails: Manifest.Thumbnails(
                requestedMilliseconds: pictures.usedOffsetMilliseconds,
                frameMilliseconds: pictures.frameTime.milliseconds, large: large, small: small),
            media: facts, warnings: [])
        if case .milliseconds(let milliseconds) = options.thumbnails.offset {
            manifest.thumbnails.requestedMilliseconds = milliseconds
        } else {
            manifest.thumbnails.offset = options.thumbnails.offset.description
        }
        manifest.thumbnails.reason = pictures.reason
        manifest.thumbnails.sheet = sheet
        try apply(
            options.checks, to: &manifest, media.stretches, media.warnings + (options.warnings ?? []))
        return manifest
    }

    private func sheet(
        _ sheet: RenderedSheet, of clip: String, isSprite: Bool
    ) throws(DigestError) -> Manifest.Sheet {
        var entry = Manifest.Sheet(
            picture: try picture(sheet.jpeg, of: clip, "sheet", sheet.size), columns: sheet.columns, rows: sheet.rows,
            tile: sheet.tile, count: sheet.tiles.count)
        if isSprite {
            let track = track(of: sheet, clip)
            entry.track = Manifest.FileEntry(
                path: Path.relative(output.track(of: clip), to: Path.parent(of: output.manifest(of: clip))),
                size: Int64(track.count),
                sha256: try SHA256Hasher.digest(of: track.span.bytes))
        }
        return entry
    }

    private func track(of sheet: RenderedSheet, _ clip: String) -> [UInt8] {
        Array(sheet.webVTT(of: Path.name(of: output.thumbnail(of: clip, "sheet"))).utf8)
    }

    private func picture(
        _ jpeg: Data, of clip: String, _ name: String, _ size: PictureSize
    ) throws(DigestError) -> Manifest.Picture {
        Manifest.Picture(
            path: Path.relative(output.thumbnail(of: clip, name), to: Path.parent(of: output.manifest(of: clip))),
            dimensions: size,
            size: Int64(jpeg.count), sha256: try SHA256Hasher.digest(of: jpeg.bytes))
    }
}

// MARK: - Writing

extension ClipPreparer {
    private func write(
        _ manifest: Manifest, of clip: PlannedClip, media answer: MediaAnswer, plan: BlockPlan, source: OpenFile
    ) async throws(ClipFailure) -> PreparedRecord.Files? {
        let (output, name) = (output, clip.file.name)
        return try await writing.result { () throws(ClipFailure) in
            do throws(FileError) {
                func write(_ data: Data, _ path: String) throws(FileError) {
                    try DurableFile.write(data, to: path, flushesFolder: false)
                }
                if let pictures = answer.thumbnails {
                    try write(pictures.large, output.thumbnail(of: name, "large"))
                    try write(pictures.small, output.thumbnail(of: name, "small"))
                }
                if let sheet = answer.sheet {
                    try write(sheet.jpeg, output.thumbnail(of: name, "sheet"))
                    if manifest.thumbnails.sheet?.track != nil {
                        try write(Data(track(of: sheet, name)), output.track(of: name))
                    }
                }
                // Once for all of them.
                try Folder.flush(Path.parent(of: output.thumbnail(of: name, "large")))
                if clip.options.writesBlocks {
                    try BlockFiles(folder: output.blocks(of: name)).write(plan, of: source)
                }
            } catch {
                throw ClipFailure(error)
            }
            return try write(manifest, of: clip)
        }.get()
    }

    /// The manifest comes last: what it tells of is there.
    private func write(
        _ manifest: Manifest, of clip: PlannedClip
    ) throws(ClipFailure) -> PreparedRecord.Files? {
        do {
            let document = try CanonicalJSON.document(manifest)
            let digest = try SHA256Hasher.digest(of: document.bytes)
            try DurableFile.write(document, to: output.manifest(of: clip.file.name))
            return PreparedFiles(of: clip, in: output, blockCount: manifest.blocks.count).written(manifest: digest)
        } catch let error as FileError {
            throw ClipFailure(error)
        } catch let error as DigestError {
            throw ClipFailure(error)
        } catch {
            throw ClipFailure(.permanent, "the manifest can't be written: \(error)")
        }
    }
}
