import Foundation
import TestSupport
import Testing

@testable import ClipshipCLI

/// What a person sees of a run on a terminal, as tmux draws it.
@Suite(.fewAtOnce, .enabled(if: Tmux.isInstalled, "tmux is not installed")) struct TerminalTests {
    /// A run that takes longer than any test: the service gets 400 kB/s.
    private func whileUploading(
        columns: Int, shell: Bool = false, _ body: (Tmux) async throws -> Void
    ) async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            let long = String(repeating: "名前", count: 40) + " e\u{301}"
            // The same video with an empty box behind it is another clip.
            let video = try Data(contentsOf: bench.clips.appending(path: "boss-fight.mp4"))
            try bench.add("\(long).mp4", bytes: video + Data([0, 0, 0, 8]) + Data("free".utf8))
            // By a timetable, so that all blocks share the road, and none is acknowledged for a while.
            try bench.writePipeline(more: "submit: {bandwidth: [{days: [Sun], limit: 400kB/s}, {limit: 400kB/s}]}")
            let command = "'\(Clipship.path)' run pipeline.yaml"
            try await Tmux.with(shell ? "bash --norc --noprofile" : command, columns: columns, in: bench.folder) {
                if shell { try await $0.type(command, "Enter") }
                try await body($0)
            }
        }
    }

    /// The percentage of the line of a clip, once it goes up.
    private func percent(_ lines: [String]) -> Int? {
        lines.last { $0.hasPrefix("  bo") && $0.contains("%") }
            .flatMap { $0.firstMatch(of: /(\d+) %/) }.flatMap { Int($0.1) }
    }

    private func isWhole(_ lines: some Sequence<String>, _ columns: Int) -> Bool {
        let lines = Array(lines)
        // Whichever began first is first.
        return lines.count == 3 && ["  bo", "  名"].allSatisfy { name in lines[..<2].contains { $0.hasPrefix(name) } }
            && lines[2].contains("0 done")
            && lines.allSatisfy {
                DisplayWidth.of($0) < columns && (columns < 30 || $0.contains("%") || $0.contains("left"))
            }
    }

    @Test func `at 400 kB/s the line of a clip moves every second`() async throws {
        try await whileUploading(columns: 80) { tmux in
            var last = try await tmux.first { percent($0) }
            for _ in 0..<3 {
                last = try await tmux.first { lines in
                    percent(lines).flatMap { $0 > last ? $0 : nil }
                }
            }
            let lines = try await tmux.lines()
            #expect(lines[0].firstMatch(of: /\[[#.]{10,20}\] +\d+ %  0 B of 7\.1 MB/) != nil, "\(lines)")
            #expect(lines[2].firstMatch(of: /^0 done, 2 left; .* of 14\.1 MB sent; .*\/s; .* left$/) != nil, "\(lines)")
        }
    }

    @Test func `a display stays whole when the terminal gets narrower and wider in the middle`() async throws {
        try await whileUploading(columns: 80) { tmux in
            for (count, columns) in [80, 40, 200, 20, 300, 60].enumerated() {
                try await tmux.resize(columns: columns)
                // The shape of the new width. tmux tells of a size up to 250 ms after it has wrapped the lines anew: what is
                // drawn meanwhile may be left above, once for each change.
                let seen = try await tmux.first { lines in
                    isWhole(lines.suffix(3), columns) && percent(lines) != nil
                        && (columns < 100 || lines.suffix(3)[lines.count - 3].contains("acknowledged")) ? lines : nil
                }
                #expect(seen.count { $0.contains("0 done") } <= 1 + count, "\(seen)")
            }
            try await tmux.type("C-c")
            _ = try await tmux.first { $0.first { $0.hasPrefix("Stopping: finishing uploads") } }
        }
    }

    @Test func `after Ctrl-Z and fg what the shell wrote is still there, and the display goes on below`() async throws {
        try await whileUploading(columns: 80, shell: true) { tmux in
            _ = try await tmux.first { percent($0) }
            try await tmux.type("C-z")
            _ = try await tmux.first { $0.first { $0.contains("Stopped") } }
            let before = try await tmux.lines()
            try await tmux.type("fg", "Enter")
            let after = try await tmux.first { lines -> [String]? in
                guard let stopped = lines.firstIndex(where: { $0.contains("Stopped") }) else { return nil }
                return isWhole(Array(lines[stopped...].filter { $0.hasPrefix("  ") || $0.contains("0 done") }), 80)
                    ? lines : nil
            }
            #expect(Array(after.prefix(before.count - 1)) == Array(before.dropLast()))
            // In the background it leaves the terminal alone.
            try await tmux.type("C-z")
            _ = try await tmux.first { $0.filter { $0.contains("Stopped") }.count == 2 ? true : nil }
            try await tmux.type("bg; clear; kill -USR1 %1", "Enter")
            let alone = try await tmux.first { $0.contains { $0.contains("progress: 0 done, 2 left") } ? $0 : nil }
            #expect(!alone.contains { $0.hasPrefix("  bo") }, "\(alone)")
        }
    }
}
