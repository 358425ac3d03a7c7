import ClipModel
import Foundation
import Pipeline
import SystemIO
import Testing

@testable import ClipshipCLI

/// What is drawn of a run: a function of what was told, the terminal's size and the time.
@Suite struct ProgressTests {
    private let start = ContinuousClock.now
    private let plain = Colour(isOn: false)

    private func state(_ names: [String], sent: Int64 = 0, acknowledged: Int64 = 0) -> ProgressState {
        var state = ProgressState(clipCount: names.count + 3, at: start)
        state.apply(
            .planned(Dictionary(uniqueKeysWithValues: names.map { ($0, ByteCount(4_000_000)) }), areSubmitted: true),
            at: start)
        for name in names {
            state.apply(.stage(clip: name, .uploading), at: start)
            state.apply(.progress(clip: name, acknowledged: ByteCount(0), of: ByteCount(4_000_000)), at: start)
            state.apply(.sent(clip: name, ByteCount(sent)), at: start + .seconds(2))
            state.apply(
                .progress(clip: name, acknowledged: ByteCount(acknowledged), of: ByteCount(4_000_000)),
                at: start + .seconds(2))
        }
        return state
    }

    private func lines(_ state: ProgressState, _ columns: Int, _ lines: Int = 24, after: Duration = .seconds(4))
        -> [String]
    {
        state.lines(on: Terminal.Size(columns: columns, lines: lines), plain, at: start + after)
    }

    @Test func `the bar moves with what has left, the count says what the service has`() {
        let lines = lines(state(["a"], sent: 3_000_000, acknowledged: 2_000_000), 100)
        #expect(
            lines == [
                "  a  [###############.....]   75 %  2.0 MB of 4.0 MB acknowledged  750.0 kB/s",
                "0 done, 4 left; 3.0 MB of 4.0 MB sent; 750.0 kB/s; 0:04 elapsed; 0:01 left",
            ])
    }

    @Test func `once all has left and not all is acknowledged the service is waited for`() {
        let state = state(["a"], sent: 4_000_000, acknowledged: 2_000_000)
        for columns in [100, 60] {
            let line = lines(state, columns)[0]
            #expect(
                line.hasSuffix("100 %  2.0 MB of 4.0 MB acknowledged  waiting for the service")
                    || line.hasSuffix("100 %  2.0 MB of 4.0 MB  waiting for the service"), "\(line)")
        }
        #expect(lines(state, 36)[0] == "  a  100 %  waiting for the service")
    }

    @Test func `no line is wider than the terminal, whatever the names are`() {
        let names = [
            String(repeating: "n", count: 200), String(repeating: "録画", count: 100),
            String(repeating: "🎮👨‍👩‍👧‍👦", count: 30), "e\u{301}\u{301}\u{301}", "❤️\u{1F1E9}\u{1F1EA}", "a\u{1B}[2Jb\nc",
        ]
        let state = state(names, sent: 3_999_999, acknowledged: 1)
        for columns in 1...300 {
            for line in lines(state, columns) {
                #expect(DisplayWidth.of(line) <= max(1, columns - 1), "\(columns): \(line)")
                #expect(!line.unicodeScalars.contains { $0.value < 0x20 })
            }
        }
        // Each that is there has its share.
        #expect(lines(state, 20).count == 7 && lines(state, 20).dropLast().allSatisfy { $0.contains("99 %") })
    }

    @Test func `no more lines are drawn than the terminal has`() {
        let state = state((0..<20).map { "clip \($0)" })
        for rows in 3...30 { #expect(lines(state, 80, rows).count < rows) }
        #expect(lines(state, 80, 24).suffix(2).first == "  and 12 more")
        #expect(lines(state, 80, 1).count == 1)
    }

    @Test func `what was drawn is erased as the terminal has wrapped it since`() {
        func erased(_ widths: [Int], _ columns: Int) -> String {
            var drawn = DrawnLines(widths: widths)
            let text = drawn.erasing(on: Terminal.Size(columns: columns, lines: 24))
            #expect(drawn.widths.isEmpty)
            return text
        }
        #expect(erased([70, 30, 79], 80) == "\u{1B}[3F\u{1B}[J")
        #expect(erased([70, 30, 79], 40) == "\u{1B}[5F\u{1B}[J")
        #expect(erased([70, 0, 80], 20) == "\u{1B}[9F\u{1B}[J")
        #expect(erased([70, 30, 79], 200) == "\u{1B}[3F\u{1B}[J")
        #expect(erased([], 80) == "")
    }

    @Test func `the rate is that of the last seconds, and there is none while nothing leaves`() {
        let state = state(["a"], sent: 2_000_000)
        #expect(lines(state, 100, after: .seconds(10))[0].hasSuffix("200.0 kB/s"))
        #expect(lines(state, 100, after: .seconds(30))[0].hasSuffix("acknowledged"))
        #expect(lines(state, 100, after: .seconds(30))[1] == "0 done, 4 left; 2.0 MB of 4.0 MB sent; 0:30 elapsed")
    }

    @Test func `what is sent again, or was there before, is no progress`() {
        var state = ProgressState(clipCount: 1, at: start)
        state.apply(.planned(["a": ByteCount(4_000_000)], areSubmitted: true), at: start)
        state.apply(.stage(clip: "a", .uploading), at: start)
        // An earlier run has sent half of it.
        state.apply(.sent(clip: "a", ByteCount(2_000_000)), at: start)
        state.apply(.progress(clip: "a", acknowledged: ByteCount(2_000_000), of: ByteCount(4_000_000)), at: start)
        let overview = state.overview(at: start + .seconds(1))
        #expect(overview.rate == nil && overview.acknowledged == ByteCount(0) && overview.sent == ByteCount(2_000_000))
        state.apply(.sent(clip: "a", ByteCount(3_000_000)), at: start + .seconds(1))
        state.apply(.sent(clip: "a", ByteCount(2_000_000)), at: start + .seconds(2))
        #expect(state.overview(at: start + .seconds(2)).sent == ByteCount(2_000_000))
    }

    @Test func `widths are those of a terminal`() {
        let widths = [
            ("abc", 3), ("名前", 4), ("e\u{301}", 1), ("🎮", 2), ("❤️", 2), ("ｱ", 1), ("Ａ", 2), ("\u{200B}", 0), ("", 0),
            ("한국", 4),
        ]
        for (text, width) in widths { #expect(DisplayWidth.of(text) == width, "\(text)") }
        #expect(DisplayWidth.shortened("boss-fight-of-the-year", to: 11) == "boss-…-year")
        #expect(DisplayWidth.shortened("名前名前名前", to: 7) == "名…前")
        #expect(DisplayWidth.prefix("名前名前", 3) == "名")
        #expect(DisplayWidth.shortened("abc", to: 1) == "…" && DisplayWidth.shortened("abc", to: 0) == "")
    }

    @Test func `colours follow the flag, then NO_COLOR, then CLICOLOR_FORCE, then the terminal`() {
        let cases: [(Colour.Choice, Bool, [String: String], Bool)] = [
            (.automatic, true, [:], true), (.automatic, false, [:], false),
            (.automatic, true, ["NO_COLOR": "1"], false), (.automatic, true, ["NO_COLOR": ""], true),
            (.automatic, false, ["CLICOLOR_FORCE": "1"], true), (.automatic, false, ["CLICOLOR_FORCE": "0"], false),
            (.automatic, false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false),
            (.automatic, true, ["TERM": "dumb"], false),
            (.always, false, ["NO_COLOR": "1"], true), (.never, true, ["CLICOLOR_FORCE": "1"], false),
        ]
        for (choice, isTerminal, environment, isOn) in cases {
            #expect(choice.isOn(onTerminal: isTerminal, environment) == isOn, "\(choice) \(environment)")
        }
    }
}
