import ClipModel
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("2000000", 2_000_000), ("2MB", 2_000_000), ("1.5 GB", 1_500_000_000), ("512kb", 512_000), ("64KiB", 65_536),
        ("0", 0),
    ])
    func `an amount is read with its unit`(text: String, bytes: Int64) {
        #expect(ByteCount(parsing: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "MB", "-1", "1.5", "2 XB", "1e400MB", "9999999999GB", "2MB extra"])
    func `what is no amount is refused`(text: String) {
        #expect(ByteCount(parsing: text) == nil)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (7_056_317, "7.1 MB"), (4_294_967_295, "4.3 GB"),
        (999_949, "999.9 kB"), (999_950, "1.0 MB"), (999_949_999, "999.9 MB"), (999_960_000, "1.0 GB"),
    ])
    func `an amount is shown short`(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}

@Suite struct BlockPlanTests {
    @Test(arguments: [(1, 10, 1), (10, 10, 1), (11, 10, 2), (7_056_317, 2_000_000, 4)])
    func `blocks are sequential, equal but for the last, and together the file`(
        size: Int64, blockSize: Int64, count: Int
    ) throws {
        let plan = try BlockPlan(fileSize: ByteCount(size), blockSize: ByteCount(blockSize))
        #expect(plan.count == count)
        var end: Int64 = 0
        for index in plan.indices {
            #expect(plan[index].lowerBound == end)
            #expect(index == count - 1 || Int64(plan[index].count) == blockSize)
            end = plan[index].upperBound
        }
        #expect(end == size)
    }

    @Test func `what can't be divided is refused with its reason`() throws {
        #expect(throws: BlockPlanError.emptyFile) { try BlockPlan(fileSize: ByteCount(0)) }
        let tooLarge = ByteCount(4_294_967_296)
        #expect(throws: BlockPlanError.fileTooLarge(tooLarge)) { try BlockPlan(fileSize: tooLarge) }
        #expect(try BlockPlan(fileSize: ByteCount(4_294_967_295)).count == 2_148)
        let tooLong = ByteCount(2_000_001)
        #expect(throws: BlockPlanError.tooManyBlocks(100_001)) {
            try BlockPlan(fileSize: ByteCount(100_000_001), blockSize: ByteCount(1_000))
        }
        #expect(throws: BlockPlanError.blockSizeOutOfRange(tooLong)) {
            try BlockPlan(fileSize: ByteCount(1), blockSize: tooLong)
        }
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2013-05-08T21:32:17.4201279Z", "2013-05-08T21:32:17.4201279Z"),
        ("2012-12-23T11:08:08Z", "2012-12-23T11:08:08Z"),
        ("2012-12-23T11:08:08.2500000Z", "2012-12-23T11:08:08.25Z"),
        ("2012-12-23T13:08:08+02:00", "2012-12-23T11:08:08Z"),
        ("9999-12-31T23:59:59.99999999Z", "9999-12-31T23:59:59.9999999Z"),
    ])
    func `a time is read and written as the services do`(text: String, written: String) {
        #expect(Timestamp(parsing: text)?.description == written)
    }

    @Test(arguments: [
        "", "2012-12-23", "2012-12-23T11:08:08", "2012-13-23T11:08:08Z", "2012-02-30T11:08:08Z",
        "2012-12-23T11:08:08.Z", "yesterday at a quarter to nine",
    ])
    func `what is no time with a zone is refused`(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }
}

@Suite struct MediaTimeTests {
    @Test func `times compare and hash by what they mean, even where products overflow`() {
        let half = MediaTime(value: 1, timescale: 2)
        #expect(half == MediaTime(value: 45_000, timescale: 90_000))
        #expect(Set([half, MediaTime(value: 45_000, timescale: 90_000)]).count == 1)
        #expect(MediaTime(value: .max, timescale: 1) > MediaTime(value: .max, timescale: 2))
        #expect(MediaTime(value: .min, timescale: 1) < .zero)
    }

    @Test func `seconds and milliseconds are rounded to the microsecond`() {
        let time = MediaTime(value: 1_199, timescale: 60)
        #expect(time.seconds == 19.983333)
        #expect(time.milliseconds == 19983.333)
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("thumbnials", "thumbnails"), ("--jbos", "--jobs"), ("clip.nmae", "clip.name"), ("xyz", nil),
        ("thumbnailOffset", "thumbnailOffsetMillseconds"),
    ])
    func `a mistyped name finds what was meant`(name: String, expected: String?) {
        let names = ["thumbnails", "--jobs", "clip.name", "output", "thumbnailSource", "thumbnailOffsetMillseconds"]
        #expect(Suggestion.closest(to: name, among: names) == expected)
    }
}
