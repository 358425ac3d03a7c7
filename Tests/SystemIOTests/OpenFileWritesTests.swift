import Foundation
import TestSupport
import Testing

@testable import SystemIO

/// Whether later writes to a file show in its identity.
@Suite struct OpenFileWritesTests {
    /// Of what the tests' folders are on, as `stat` says.
    private static let keepsTimes = Task {
        let result = try await run("stat", ["-f", "-c", "%T", FileManager.default.temporaryDirectory.path])
        return ["ext2/ext3", "xfs", "btrfs", "f2fs"].contains(
            result.outputText.trimmingCharacters(in: .newlines))
    }

    /// Long after the last change.
    private func later(_ identity: FileIdentity) -> Int64 { identity.changed + 3_000_000_000 }

    /// Runs `body` with a file, on what keeps times only.
    private func withFile(_ body: (OpenFile, FileIdentity, URL) throws -> Void) async throws {
        guard try await Self.keepsTimes.value else { return }
        try await withTemporaryFolder { folder in
            let place = folder.appending(path: "clip.mp4")
            try Data(repeating: 7, count: 10_000).write(to: place)
            let file = try OpenFile(place.path)
            try body(file, try file.identity(), place)
        }
    }

    @Test func `they do when the file has been left alone, however many read it`() async throws {
        try await withFile { file, identity, place in
            let another = try OpenFile(place.path)
            let showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(showsWrites)
            withExtendedLifetime(another) {}
        }
    }

    @Test func `it isn't known just after a change, nor where the clock was put back`() async throws {
        try await withFile { file, identity, _ in
            for now in [identity.changed, identity.changed + 1_900_000_000, identity.changed - 3_600_000_000_000] {
                let showsWrites = file.showsWrites(after: identity, now: now)
                #expect(!showsWrites)
            }
        }
    }

    @Test func `it isn't known while somebody has the file open for writing`() async throws {
        try await withFile { file, identity, place in
            let writer = open(place.path, O_RDWR)
            try #require(writer != -1)
            var showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(!showsWrites)
            close(writer)
            showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(showsWrites)
        }
    }

    @Test func `it isn't known while somebody has the file mapped for writing`() async throws {
        try await withFile { file, identity, place in
            let writer = open(place.path, O_RDWR)
            try #require(writer != -1)
            let memory = mmap(nil, 10_000, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0)
            try #require(memory != MAP_FAILED)
            close(writer)
            var showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(!showsWrites)
            munmap(memory, 10_000)
            showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(showsWrites)
        }
    }

    @Test func `nobody who opens the file afterwards has to wait`() async throws {
        try await withFile { file, identity, place in
            let showsWrites = file.showsWrites(after: identity, now: later(identity))
            #expect(showsWrites)
            let writer = open(place.path, O_RDWR | O_NONBLOCK)
            #expect(writer != -1, "\(String(cString: strerror(errno)))")
            close(writer)
        }
    }

    @Test func `it isn't known of a file in memory`() throws {
        let place = URL(filePath: "/dev/shm/clipship-test-\(getpid())")
        try Data("clip".utf8).write(to: place)
        defer { unlink(place.path) }
        let file = try OpenFile(place.path)
        let identity = try file.identity()
        let showsWrites = file.showsWrites(after: identity, now: later(identity))
        #expect(!showsWrites)
    }

    @Test(arguments: [Write.atPlace, .mapped, .sameAgain])
    func `every way of writing does show`(_ way: Write) async throws {
        try await withFile { file, identity, place in
            try waitForNextTime(after: identity, beside: place)
            try way.write(to: place)
            // Who puts the time of the write back changes the other one.
            let time = timespec(
                tv_sec: Int(identity.modified / 1_000_000_000), tv_nsec: Int(identity.modified % 1_000_000_000))
            #expect(utimensat(AT_FDCWD, place.path, [time, time], 0) == 0)
            #expect(try file.identity().modified == identity.modified)
            #expect(try file.identity().fingerprint != identity.fingerprint)
        }
    }

    enum Write: Sendable {
        case atPlace, mapped, sameAgain

        func write(to place: URL) throws {
            let writer = open(place.path, O_RDWR)
            try #require(writer != -1)
            defer { close(writer) }
            switch self {
            case .atPlace: #expect(pwrite(writer, "x", 1, 100) == 1)
            case .sameAgain: #expect(pwrite(writer, "\u{7}", 1, 100) == 1)
            case .mapped:
                let memory = mmap(nil, 10_000, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0)
                try #require(memory != MAP_FAILED)
                memory?.storeBytes(of: 1, toByteOffset: 100, as: UInt8.self)
                munmap(memory, 10_000)
            }
        }
    }

    /// The system counts file times in ticks of a few milliseconds: until another file gets a later one.
    private func waitForNextTime(after identity: FileIdentity, beside place: URL) throws {
        let other = place.appendingPathExtension("other")
        repeat {
            try Data("x".utf8).write(to: other)
        } while try FileIdentity(of: other.path).changed <= identity.changed
    }
}
