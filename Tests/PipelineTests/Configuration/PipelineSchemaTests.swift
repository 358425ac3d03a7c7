import ClipModel
import ConfigFiles
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// The schema of pipeline files says what the reader reads, and no option of it can change without being noticed.
@Suite struct PipelineSchemaTests {
    /// What a clip's manifest does not depend on; it depends on all others.
    private static let apartFromManifests: Set = [
        // Which clips there are, not what becomes of one.
        "clips", "manifests", "clipsFolder", "onMissing", "keepGoing",
        // What is asked for; the manifest depends on what is found.
        "statistics.scids", "statistics.users", "statistics.users.0", "statistics.usersPerRequest",
        "statistics.statisticsPerRequest",
        "session.players.0.gamertag",
        "report",
    ]
    /// All that is in these.
    private static let sectionsApartFromManifests = ["compute.", "hooks.", "service.", "submit.", "watch."]

    private static func schema() throws -> SchemaWalk {
        let data = try Data(contentsOf: Places.root.appending(path: "schemas/pipeline.schema.json"))
        return SchemaWalk(try JSONDecoder().decode(JSONValue.self, from: data))
    }

    /// A folder in which the examples of the schema can be read.
    private struct Bench {
        let folder: URL

        static func with<Result>(_ body: (Bench) async throws -> Result) async throws -> Result {
            try await withTemporaryFolder { folder in
                let bench = Bench(folder: folder)
                try FileManager.default.createDirectory(
                    at: folder.appending(path: "clips"), withIntermediateDirectories: true)
                try bench.write("clips/a.mp4", "")
                let players = "players: [{xuid: 2716903703773872}]"
                for title in ["session", "finals"] {
                    try bench.write(
                        "\(title).yaml", "scid: 00000000-0000-0012-0023-000000000070\ntitle: \(title)\n\(players)\n")
                }
                return try await body(bench)
            }
        }

        private func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }

        func read(_ document: JSONValue) throws -> PipelineFile {
            let path = folder.appending(path: "pipeline.yaml")
            // JSON is YAML.
            try CanonicalJSON.document(document).write(to: path)
            return try PipelineFile(reading: path.path)
        }

        /// Of the clip, with statistics filled in; nil where there is no clip, or a placeholder that has no value.
        func fingerprint(_ pipeline: PipelineFile) -> String? {
            guard pipeline.manifests.isEmpty, var plan = try? BatchPlan(pipeline, root: folder.path) else { return nil }
            let found = plan.sessions.map { own in
                own.statistics?.query(for: own.session).users.flatMap { xuid in
                    own.statistics?.query(for: own.session).statistics.map {
                        PlayerStatistic(xuid: xuid, scid: $0.scid, name: $0.name, outcome: .value("\(xuid)", type: nil))
                    } ?? []
                }
                .map(Self.withGaps)
            }
            guard let filled = try? plan.filled(with: found) else { return nil }
            plan = filled
            return plan.clips.first?.fingerprint.options
        }

        /// Each of the reasons for which there may be no value.
        private static func withGaps(_ statistic: PlayerStatistic) -> PlayerStatistic {
            var statistic = statistic
            switch (statistic.xuid, statistic.name) {
            case (2_716_903_703_773_873, "Kills"): statistic.outcome = .missing(.noStatistic)
            case (2_716_903_703_773_873, "Rank"): statistic.outcome = .missing(.restricted)
            case (2_716_903_703_773_874, _): statistic.outcome = .missing(.unknownUser)
            default: break
            }
            return statistic
        }

        /// The examples with each of the option's values, as far as they can be read, and as they are.
        func pipelines(_ option: SchemaWalk.Option, in example: JSONValue) -> [(value: JSONValue, PipelineFile)] {
            let own = example.value(at: option.place.path).map { [$0] } ?? []
            return (option.values + own.filter { !option.values.contains($0) }).compactMap { value in
                // What does not fit this example fits another, which the tests look at.
                guard let pipeline = try? read(example.with(value, at: option.place)) else { return nil }
                return (value, pipeline)
            }
        }
    }

    @Test func `the digest of the inputs notices each change of an option`() async throws {
        let schema = try Self.schema()
        #expect(schema.options.count > 70)
        try await Bench.with { bench in
            for (name, option) in schema.options {
                var unread = Set(option.values)
                var isCompared = false
                for example in schema.examples {
                    let pipelines = bench.pipelines(option, in: example)
                    unread.subtract(pipelines.map(\.value))
                    let digests = pipelines.map { OptionDigest.of($0.1) }
                    #expect(!digests.contains(nil) && Set(digests).count == digests.count, "\(name)")
                    isCompared = isCompared || digests.count > 1
                    let seals = pipelines.compactMap {
                        UpToDateStamp($0.1, only: [], root: "/", style: "plain")?.inputs
                    }
                    #expect(Set(seals).count == seals.count, "\(name)")
                }
                #expect(isCompared, "\(name) has no two values that can be compared")
                #expect(unread.isEmpty, "\(name): \(unread) can't be read")
            }
        }
    }

    @Test func `the fingerprint of a clip notices what its manifest depends on, and nothing else`() async throws {
        let schema = try Self.schema()
        try await Bench.with { bench in
            for (name, option) in schema.options {
                var differs = false
                var isNoticed = false
                for example in schema.examples {
                    let fingerprints = bench.pipelines(option, in: example).compactMap { bench.fingerprint($0.1) }
                    differs = differs || Set(fingerprints).count > 1
                    isNoticed = isNoticed || fingerprints.count > 1 && Set(fingerprints).count == fingerprints.count
                }
                let isApart =
                    Self.apartFromManifests.contains(name)
                    || Self.sectionsApartFromManifests.contains { (name + ".").hasPrefix($0) }
                #expect(isApart ? !differs : isNoticed, "\(name)")
            }
        }
    }

    @Test func `the fingerprint notices each member of a sidecar`() async throws {
        var members = try Self.schema().options.values.filter { $0.place.path.first == "request" }
            .map { (place: SchemaWalk.Place(path: Array($0.place.path.dropFirst())), values: $0.values) }
        members.append((SchemaWalk.Place(path: ["thumbnailSource"]), ["Default", "Offset", "Upload"]))
        members.append((SchemaWalk.Place(path: ["thumbnailOffsetMillseconds"]), [1, 2, "auto", "50%"]))
        try await Bench.with { bench in
            let example = try #require(try Self.schema().examples.dropFirst().first)
            let pipeline = try bench.read(example)
            for (place, values) in members {
                let fingerprints = try values.map { value in
                    try CanonicalJSON.document(JSONValue.null.with(value, at: place))
                        .write(to: bench.folder.appending(path: "clips/a.json"))
                    return bench.fingerprint(pipeline)
                }
                #expect(
                    fingerprints.count > 1 && !fingerprints.contains(nil)
                        && Set(fingerprints).count == fingerprints.count, "\(place.path)")
            }
        }
    }

    @Test func `the schema names what the reader knows, and nothing else`() async throws {
        let schema = try Self.schema()
        try await Bench.with { bench in
            for (name, section) in schema.sections {
                var known: Set<String> = []
                for example in schema.examples {
                    do {
                        _ = try bench.read(example.with(true, at: section.place.member(Self.unknown)))
                        Issue.record("\(name) takes anything")
                    } catch let error as ConfigurationError {
                        known.formUnion(Self.known(by: error))
                    }
                }
                // The text that stands for a missing statistic is no section of its own to the reader.
                let isChoice = section.names == ["default"]
                #expect(isChoice ? known.isEmpty : known == section.names, "\(name)")
            }
        }
    }

    /// A name that no option is close to.
    private static let unknown = "????????"

    /// The names in the message about an unknown one.
    private static func known(by error: ConfigurationError) -> [String] {
        error.diagnostics.flatMap { diagnostic -> [String] in
            let parts = diagnostic.message.split(separator: "; known here: ")
            guard parts.count == 2, parts[0] == "unknown key \"\(unknown)\"" else { return [] }
            return parts[1].split(separator: ", ").map(String.init)
        }
    }

    @Test func `a validator takes what the reader takes, and refuses what it does not know`() async throws {
        let schema = try Self.schema()
        var (right, wrong): ([SchemaQuestion], [SchemaQuestion]) = ([], [])
        func question(_ document: JSONValue) throws -> SchemaQuestion {
            SchemaQuestion(.pipeline, try CanonicalJSON.line(document))
        }
        try await Bench.with { bench in
            for (name, option) in schema.options {
                for example in schema.examples {
                    for (value, _) in bench.pipelines(option, in: example) {
                        right.append(try question(example.with(value, at: option.place)))
                    }
                    for value in option.wrong {
                        let document = example.with(value, at: option.place)
                        #expect(throws: ConfigurationError.self, "\(name): \(value)") { try bench.read(document) }
                        wrong.append(try question(document))
                    }
                }
            }
        }
        for section in schema.sections.values {
            for example in schema.examples {
                wrong.append(try question(example.with(true, at: section.place.member(Self.unknown))))
            }
        }
        for name in try FileManager.default.contentsOfDirectory(
            atPath: Places.root.appending(path: "pipelines").path) where name.hasSuffix(".yaml")
        {
            let text = try Data(contentsOf: Places.root.appending(path: "pipelines/\(name)"))
            right.append(try question(JSONValue(try YAMLParser.parse(Array(text)))))
        }
        let answers = try await mistakes(in: right + wrong)
        for (question, mistakes) in zip(right, answers) {
            #expect(mistakes == [], "\(String(decoding: question.document, as: UTF8.self))")
        }
        for (question, mistakes) in zip(wrong, answers.dropFirst(right.count)) {
            #expect(mistakes != [], "\(String(decoding: question.document, as: UTF8.self))")
        }
    }
}
