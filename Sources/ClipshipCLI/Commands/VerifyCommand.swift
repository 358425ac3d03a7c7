import ClipModel
import Pipeline
import SystemIO

extension Flag {
    static let clips = Flag(
        name: "--clips", value: "DIR", help: "the MP4s are in this folder, not where the manifests say")
    static let followLinks = Flag(
        name: "--follow-links",
        help: "take files that manifests name also where a link leads out of their folder")
}

/// `clipship verify`: do files still match their manifests.
enum VerifyCommand: Command {
    static let spec = CommandSpec(
        name: "verify", summary: "Compare clips and thumbnails with their manifests, byte by byte.",
        operands: "MANIFEST...", operandCount: 1...Int.max, flags: [.clips, .followLinks, .jobs, .format] + Flag.lists,
        example: "clipship verify out/post-session/manifests/*.json")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let pool = BlockingPool("verify", width: try arguments.jobs())
        let clips = arguments.string(.clips)
        let manifests = try arguments.operands.map { path throws(ManifestError) in
            try StoredManifest(reading: path, clips: clips, followsLinks: arguments.isSet(.followLinks))
        }
        let isAlone = manifests.count < pool.width
        let mismatches = await withTaskGroup(of: (Int, [ManifestVerifier.Mismatch]).self) { group in
            for (index, manifest) in manifests.enumerated() {
                group.addTask {
                    (index, await pool.run { ManifestVerifier.mismatches(of: manifest, isAlone: isAlone) })
                }
            }
            var mismatches: [Int: [ManifestVerifier.Mismatch]] = [:]
            for await (index, found) in group { mismatches[index] = found }
            return mismatches
        }
        for (index, path) in arguments.operands.enumerated() {
            let found = mismatches[index] ?? []
            if console.resultsAreJSON {
                console.print(
                    try CanonicalJSON.line(
                        Finding(manifest: path, matches: found.isEmpty, differences: found.map(\.sentence))))
                continue
            }
            if found.isEmpty { console.print("\(path): \(console.colour.green("matches"))") }
            for one in found {
                let what = one.isTemporary ? "could not be compared" : "differs"
                console.print("\(path): \(console.colour.red(what)): \(one.sentence)")
            }
        }
        if mismatches.values.joined().contains(where: \.isTemporary) { return .temporary }
        return mismatches.values.allSatisfy(\.isEmpty) ? .success : .someFailed
    }

    /// A line of JSON.
    private struct Finding: Encodable {
        var manifest: String
        var matches: Bool
        var differences: [String]
    }
}
