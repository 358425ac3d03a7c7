import ClipModel
import SystemIO
import XboxServices

/// `clipship clip update`: caption, visibility, title data; all of it or nothing.
enum ClipUpdateCommand: Command {
    static let caption = Flag(
        name: "--caption", value: "TEXT",
        help: "userCaption, at most \(InitialUploadRequest.longestCaption) characters",
        takesEmpty: true)
    static let titleData = Flag(
        name: "--title-data", value: "TEXT",
        help: "titleData, at most 10 KB (\(InitialUploadRequest.largestTitleData) bytes)", takesEmpty: true)
    static let titleDataFile = Flag(
        name: "--title-data-file", value: "FILE", help: "titleData is what is in this file, to the byte")

    static let spec = CommandSpec(
        name: "clip update", summary: "Change a clip's caption, visibility or title data: all of it or nothing.",
        operands: "ID", operandCount: 1...1,
        flags: [.scid, caption, .visibility, titleData, titleDataFile, .format] + Flag.serviceFlags,
        example: "clipship clip update 1f4a06a4-3cf5-4e04-9d93-1d54c4d542a6 "
            + "--scid 00000000-0000-0012-0023-000000000070 --caption \"At last\" --output out/post-session")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let (scid, id, update) = (try arguments.requiredSCID(), arguments.operands[0], try update(from: arguments))
        let members = [
            update.userCaption.map { _ in "userCaption" }, update.visibility.map { _ in "visibility" },
            update.titleData.map { _ in "titleData" },
        ].compactMap(\.self)
        return try await ServiceCalls.run(arguments, console) { session in
            do throws(ServiceFailure) {
                try await GameClipsClient(session).updateClip(id, scid: scid, update)
            } catch {
                let isRefused = error.recovery == .giveUp || error.recovery == .notAllowed
                let start = isRefused ? "nothing was changed" : "it is not known whether anything was changed"
                throw Failure("\(start): \(error)", ExitCode(error.recovery))
            }
            try console.show(
                ["gameClipId": .string(id), "changed": .array(members.map(JSONValue.string))],
                "\(id): changed \(members.joined(separator: ", "))")
            return .success
        }
    }

    private static func update(from arguments: Arguments) throws -> ClipUpdate {
        var update = ClipUpdate()
        let longest = InitialUploadRequest.longestCaption
        update.userCaption = arguments.string(caption)
        if let count = update.userCaption.map(InitialUploadRequest.captionLength), count > longest {
            throw UsageError("--caption has \(count) characters; at most \(longest) are taken", command: spec.name)
        }
        update.visibility = try arguments.visibility()
        update.titleData = try titleData(from: arguments)
        guard update != ClipUpdate() else {
            throw UsageError(
                "nothing to change: give --caption, --visibility, --title-data or --title-data-file",
                command: spec.name)
        }
        return update
    }

    private static func titleData(from arguments: Arguments) throws -> String? {
        let largest = InitialUploadRequest.largestTitleData
        func check(_ size: Int64, _ flag: Flag) throws(UsageError) {
            guard size > largest else { return }
            throw UsageError("\(flag.name) has \(size) bytes; at most \(largest) are taken", command: spec.name)
        }
        guard let path = arguments.string(titleDataFile) else {
            let text = arguments.string(titleData)
            try check(Int64(text?.utf8.count ?? 0), titleData)
            return text
        }
        guard !arguments.isSet(titleData) else {
            throw UsageError("give either --title-data or --title-data-file", command: spec.name)
        }
        let file = try OpenFile(path)
        let size = try file.identity().size
        try check(size, titleDataFile)
        guard let text = String(validating: try file.bytes(in: 0..<size), as: UTF8.self) else {
            throw Failure("\(path) is not UTF-8 text", .usage)
        }
        return text
    }
}
