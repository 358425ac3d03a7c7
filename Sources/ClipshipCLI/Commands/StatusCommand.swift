import ClipModel
import FoundationEssentials
import Journal
import Pipeline
import SystemIO

/// `clipship status`: what the journal of an output folder knows, and what the service has that it does not know of.
enum StatusCommand: Command {
    static let check = Flag(
        name: "--check", help: "ask the service first whether it still has what it had in full, and note what is gone")
    static let reconcile = Flag(
        name: "--reconcile",
        help:
            "show the ids on the service that wait for bytes and belong to no manifest of this folder, or to a lost MP4"
    )
    static let fix = Flag(
        name: "--fix", help: "with --reconcile: remove those that this folder has asked for, and forget them here")
    static let allOwners = Flag(
        name: "--all-owners", help: "with --fix: remove those of other output folders too, if they are old")
    static let olderThan = Flag(
        name: "--older-than", value: "TIME", help: "with --all-owners: how old, such as 12h (default: 24h)")
    static let watch = Flag(
        name: "--watch",
        help: "of a plan's folder: tell what changes until its shards are done; ends with 75 when nothing goes on")
    static let resolve = Flag(
        name: "--resolve", value: "CLIP=ID|none",
        help: "say which id the service has issued for a clip, or that it has none; may be given several times",
        isRepeatable: true)

    static let spec = CommandSpec(
        name: "status", summary: "Say what the journal of an output folder knows of each clip.", operands: "OUTPUT",
        operandCount: 1...1,
        flags: [
            .format, watch, check, reconcile, fix, allOwners, olderThan, resolve, .service, .tokenEnv, .tokenFile,
            .tokenCommand,
            .retryFor,
        ] + Flag.tlsFlags,
        example: "clipship status out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let output = OutputFolder(arguments.operands[0])
        if arguments.isSet(watch) {
            for flag in [check, reconcile, resolve] where arguments.isSet(flag) {
                throw UsageError(
                    "\(flag.name) does not go with --watch, which is of a plan's shards", command: spec.name)
            }
            guard try isThere(PlanFile.path(in: output)) else {
                throw Failure(
                    "there is no plan.json in \(arguments.operands[0]); --watch tells of the shards of a plan", .usage)
            }
            return try await shards(in: output, watches: true, wantsJSON: wantsJSON, console)
        }
        guard try isThere(output.journal) else {
            if try isThere(PlanFile.path(in: output)) {
                return try await shards(in: output, watches: false, wantsJSON: wantsJSON, console)
            }
            throw Failure("\(arguments.operands[0]) is no output folder: there is no journal.db in it", .usage)
        }
        let resolutions = try resolutions(from: arguments)
        let actions = [
            (!resolutions.isEmpty, resolve), (arguments.isSet(reconcile), reconcile), (arguments.isSet(check), check),
        ].filter(\.0).map(\.1.name)
        guard actions.count < 2 else {
            throw UsageError("\(actions.joined(separator: " and ")) are two commands", command: spec.name)
        }
        if !resolutions.isEmpty {
            return try await ServiceCalls.run(arguments, output, console) { session, target in
                try await settle(resolutions, ManualResolution(in: output, of: target, session), console)
            }
        }
        let scope = try scope(from: arguments)
        if arguments.isSet(check) || arguments.isSet(reconcile) { try sayElsewhere(output, arguments, console) }
        if arguments.isSet(reconcile) {
            return try await ServiceCalls.run(arguments, output, console) { session, target in
                let unused = try await UnusedUploads(in: output, of: target, session)
                return try await show(unused, scope, wantsJSON: wantsJSON, console)
            }
        }
        var code = ExitCode.success
        if arguments.isSet(check) {
            code = try await ServiceCalls.run(arguments, output, console) { _, target in
                let clips = try await PublishedClips(in: output, of: target)
                return show(
                    try await clips.check(stop: StopSignal(), requests: RequestDisplay(console: console)), console)
            }
        }
        let shown = withUnknown(
            try entries(in: output).map { entry in
                var entry = entry
                entry.state = words[entry.state] ?? entry.state
                return entry
            }, output, console)
        if wantsJSON {
            for entry in shown { console.print(try CanonicalJSON.line(entry)) }
        } else {
            console.print(table(of: shown, console.colour))
        }
        return code
    }

    /// What is at other services than the one that is asked is not asked for, which would look as if nothing were gone.
    ///
    /// - Throws: Where all of it is elsewhere.
    private static func sayElsewhere(_ output: OutputFolder, _ arguments: Arguments, _ console: Console) throws {
        let asked = try arguments.serviceOptions().name
        let entries = try entries(in: output)
        let others = Dictionary(
            grouping: entries.compactMap(\.service).filter { $0 != asked }, by: \.self
        ).sorted { $0.key < $1.key }
        guard !others.isEmpty else { return }
        let places = others.map { name, clips in
            "\(clips.count) clip\(clips.count == 1 ? " is" : "s are") at "
                + (name == "local" ? "the local service" : name)
        }
        let isLocal = others.allSatisfy { $0.key == "local" }
        let sentence =
            "of \(arguments.operands[0]), \(places.joined(separator: ", ")); "
            + (isLocal ? "leave out --service to ask there" : "give that with --service to ask there")
        guard entries.contains(where: { $0.service == asked }) else { throw Failure(sentence, .usage) }
        console.warning(sentence)
    }

    private static func entries(in output: OutputFolder) throws -> [JournalEntry] {
        do {
            return try JournalOverview.entries(path: output.journal)
        } catch {
            throw RunError.journal(path: output.journal, error)
        }
    }

    /// With the clips of the last run that it could not get as far as the journal, such as files that can't be opened.
    private static func withUnknown(
        _ entries: [JournalEntry], _ output: OutputFolder, _ console: Console
    ) -> [JournalEntry] {
        let names = Set(entries.map(\.clip))
        let unknown: [JournalEntry]
        do throws(BatchError) {
            unknown = try BatchContents.unfinished(in: output).filter { !names.contains($0.clip) }.map { clip in
                JournalEntry(clip: clip.clip, state: clip.state.rawValue, acknowledgedBlocks: 0, reason: clip.reason)
            }
        } catch {
            // What the journal knows does not depend on it.
            console.warning("\(error); clips that could not be opened are not shown")
            return entries
        }
        guard !unknown.isEmpty else { return entries }
        return (entries + unknown).sorted { $0.clip.utf8.lexicographicallyPrecedes($1.clip.utf8) }
    }

    static func isThere(_ path: String) throws(FileError) -> Bool {
        do throws(FileError) {
            _ = try FileIdentity(of: path)
            return true
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }

    private static func show(_ findings: [PublishedClips.Finding], _ console: Console) -> ExitCode {
        let causes = CommonCauses(findings.map(\.failure))
        for finding in findings where !causes.contains(finding.failure) {
            console.error("\(finding.clip): \(finding.failure)")
        }
        for (sentence, clips) in causes.causes { console.error("\(clips) clip\(clips == 1 ? "" : "s"): \(sentence)") }
        // Whatever keeps the answer from being complete comes first.
        let kinds = findings.map(\.failure.kind)
        return [.interrupted, .notAllowed, .temporary, .skipped, .permanent].first(where: kinds.contains)
            .map { ExitCode($0) } ?? .success
    }

    /// The journal's states as a run and `batch.json` call them.
    private static let words = [
        "prepared": "ready", "refused": "failed", "intended": "ready", "requested": "ready", "committed": "uploaded",
    ]

    private static func table(of entries: [JournalEntry], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "CLIP"), .init(title: "STATE"), .init(title: "BLOCKS", alignment: .right),
            .init(title: "SERVICE"), .init(title: "ID OR REASON"),
        ])
        for entry in entries {
            let done = entry.acknowledgedBlocks
            let blocks = entry.expectedBlocks.map { "\(done)/\($0)" } ?? (done > 0 ? "\(done)" : "-")
            table.rows.append([
                .init(entry.clip), .init(entry.state), .init(blocks),
                .init(entry.service ?? "-"), .init(entry.reason ?? entry.gameClipId ?? ""),
            ])
        }
        return table.rendered(colour)
    }

    /// What is to be removed; nil for nothing.
    private static func scope(from arguments: Arguments) throws(UsageError) -> UnusedUploads.Scope? {
        func needs(_ flag: Flag, _ other: Flag, _ why: String) throws(UsageError) {
            guard !arguments.isSet(flag) || arguments.isSet(other) else {
                throw UsageError("\(flag.name) goes with \(other.name), \(why)", command: spec.name)
            }
        }
        try needs(fix, reconcile, "which shows what it removes")
        try needs(allOwners, fix, "which removes")
        let age = try arguments.value(olderThan, DurationText.expected, DurationText.parse)
        guard age == nil || arguments.isSet(allOwners) else {
            throw UsageError("--older-than goes with --all-owners: this folder's own may be young", command: spec.name)
        }
        guard arguments.isSet(fix) else { return nil }
        return .init(othersOlderThan: arguments.isSet(allOwners) ? age ?? .seconds(86_400) : nil)
    }

    /// Removes what may be removed if it is to, and shows all.
    private static func show(
        _ unused: UnusedUploads, _ scope: UnusedUploads.Scope?, wantsJSON: Bool, _ console: Console
    ) async throws -> ExitCode {
        let uploads = try await unused.find()
        let removed = if let scope { try await unused.remove(uploads, scope) } else { Set<UnusedUpload>() }
        guard !wantsJSON else {
            for upload in uploads { console.print(try CanonicalJSON.line(upload)) }
            return .success
        }
        guard !uploads.isEmpty else {
            console.info("No orphaned uploads.")
            return .success
        }
        var table = Table(columns: [
            .init(title: "ID"), .init(title: "SCID"), .init(title: "RECORDED"), .init(title: "WHAT"),
            .init(title: "OWNER"), .init(title: "AGE", alignment: .right), .init(title: "CAPTION"),
        ])
        for upload in uploads {
            let what =
                if !upload.isOfClipship {
                    "of another program"
                } else if removed.contains(upload) {
                    "removed"
                } else if let scope, scope.covers(upload) {
                    "in use by now"
                } else {
                    upload.isOwn ? "unused" : "of another folder"
                }
            let age = upload.ageInSeconds.map { AgeText.words(for: .seconds($0)) } ?? "-"
            table.rows.append([
                .init(upload.gameClipId), .init(upload.scid), .init(upload.dateRecorded.map(Format.date) ?? "-"),
                .init(what),
                .init(upload.isOwn ? "this folder" : upload.owner ?? "-"), .init(age), .init(upload.userCaption ?? ""),
            ])
        }
        console.print(table.rendered(console.colour))
        guard scope == nil else { return .success }
        let own = uploads.count { UnusedUploads.Scope().covers($0) }
        let others = uploads.count { $0.isOfClipship } - own
        if own > 0 { console.info("\(own) can be removed: run this again with --fix") }
        if others > 0 {
            console.info(
                "\(others) of other output folders: theirs to use; if they are gone for good, --fix --all-owners removes "
                    + "what is older than 24h, or --older-than TIME")
        }
        return .success
    }
}

// MARK: - By hand

extension StatusCommand {
    private static func resolutions(
        from arguments: Arguments
    ) throws(UsageError) -> [(clip: String, finding: ManualResolution.Finding)] {
        var resolutions: [(clip: String, finding: ManualResolution.Finding)] = []
        for text in arguments.strings(resolve) {
            guard let sign = text.lastIndex(of: "="), sign != text.startIndex, text.index(after: sign) != text.endIndex
            else {
                throw UsageError(
                    "--resolve: expected CLIP=ID or CLIP=none, such as boss-fight=none, found \"\(text)\"",
                    command: spec.name)
            }
            let id = String(text[text.index(after: sign)...])
            resolutions.append((String(text[..<sign]), id == "none" ? .nothing : .id(id)))
        }
        return resolutions
    }

    /// Each by itself: one that can't be settled leaves the others alone.
    private static func settle(
        _ resolutions: [(clip: String, finding: ManualResolution.Finding)], _ settlement: ManualResolution,
        _ console: Console
    ) async throws -> ExitCode {
        var code = ExitCode.success
        for (clip, finding) in resolutions {
            do {
                let sentence = sentence(try await settlement.settle(clip, finding))
                try console.show(["clip": .string(clip), "settlement": .string(sentence)], "\(clip): \(sentence)")
            } catch let error as ManualResolutionError {
                console.error("\(clip): \(error)")
                code = .someFailed
            }
        }
        return code
    }

    private static func sentence(_ outcome: ManualResolution.Outcome) -> String {
        switch outcome {
        case .beginsAnew: "settled; the next run asks for an id"
        case .removed:
            "that id has no bytes, and its address is lost; it was removed, and the next run asks for another"
        case .goesOn: "settled; the next run uploads to it"
        case .isComplete(let state): "settled; the service has every byte (\(state))"
        }
    }
}
