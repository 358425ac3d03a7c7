import Foundation
import Glibc
import TestSupport
import Testing

@testable import SystemIO

/// What a file is known by until somebody writes to it.
@Suite(.enabled("\(FileTimes.showNothing)") { try await FileTimes.showWrites() }) struct FileStampTests {
    /// Runs `body` with a file and what it is now.
    private func withFile(_ body: (OpenFile, FileIdentity, URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let place = folder.appending(path: "clip.mp4")
            try write([UInt8](repeating: 7, count: 10_000), to: place)
            let file = try OpenFile(place.path)
            try await body(file, try file.identity(), place)
        }
    }

    /// With `O_CLOEXEC`, which Foundation leaves out: a program that another test starts meanwhile would have the file
    /// open for writing for as long as it runs.
    private func write(_ bytes: [UInt8], to place: URL) throws {
        let descriptor = open(place.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor != -1, "\(String(cString: strerror(errno)))")
        defer { close(descriptor) }
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    /// As if the file were older than it is.
    private func stamp(_ file: OpenFile, _ identity: FileIdentity) -> String? {
        file.stamp(of: identity, now: identity.changed + 3_000_000_000)
    }

    /// A program that another test starts has what this process has open until it is loaded, which takes seconds where many
    /// are.
    private func stampAtLast(_ file: OpenFile, _ identity: FileIdentity) async -> String? {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let stamp = stamp(file, identity) { return stamp }
            await Task.yield()
        }
        return nil
    }

    private func openForWriting(_ place: URL, _ more: Int32 = 0) throws -> Int32 {
        let descriptor = open(place.path, O_RDWR | O_CLOEXEC | more)
        try #require(descriptor != -1, "\(String(cString: strerror(errno)))")
        return descriptor
    }

    @Test func `a file that was left alone has one, however many read it, and keeps it`() async throws {
        try await withFile { file, identity, place in
            let another = try OpenFile(place.path)
            let stamp = try #require(await stampAtLast(file, identity))
            #expect(file.identity(ofStamp: stamp) == identity && another.identity(ofStamp: stamp) == identity)
            // Nobody who comes later has to wait for the lease.
            close(try openForWriting(place, O_NONBLOCK))
            #expect(file.identity(ofStamp: stamp) == identity)
        }
    }

    @Test func `it is of one start of the system, of one mount and of one file`() async throws {
        try await withFile { file, identity, place in
            let stamp = try #require(await stampAtLast(file, identity))
            let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            #expect(stamp.hasPrefix(boot.trimmingCharacters(in: .newlines)))
            var parts = stamp.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            #expect(parts.count == 6)
            for index in parts.indices {
                let part = parts[index]
                parts[index] = "1" + part
                #expect(file.identity(ofStamp: parts.joined(separator: ":")) == nil)
                parts[index] = part
            }
        }
    }

    @Test func `there is none just after a change, nor where the clock was put back`() async throws {
        try await withFile { file, identity, _ in
            for now in [identity.changed, identity.changed + 1_900_000_000, identity.changed - 3_600_000_000_000] {
                let stamp = file.stamp(of: identity, now: now)
                #expect(stamp == nil)
            }
        }
    }

    @Test func `there is none while somebody has the file open for writing`() async throws {
        try await withFile { file, identity, place in
            let writer = try openForWriting(place)
            let early = stamp(file, identity)
            #expect(early == nil)
            close(writer)
            let late = await stampAtLast(file, identity)
            #expect(late != nil)
        }
    }

    @Test func `there is none while somebody has the file mapped, however long it is closed`() async throws {
        try await withFile { file, identity, place in
            let writer = try openForWriting(place)
            let memory = mmap(nil, 10_000, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0)
            try #require(memory != MAP_FAILED)
            close(writer)
            let early = stamp(file, identity)
            #expect(early == nil)
            munmap(memory, 10_000)
            let late = await stampAtLast(file, identity)
            #expect(late != nil)
        }
    }

    @Test func `a file in memory has none`() throws {
        let place = URL(filePath: "/dev/shm/clipship-test-\(getpid())")
        try Data("clip".utf8).write(to: place)
        defer { unlink(place.path) }
        let file = try OpenFile(place.path)
        let stamp = stamp(file, try file.identity())
        #expect(stamp == nil)
    }

    @Test(arguments: Write.allCases) func `every way of writing takes it`(_ way: Write) async throws {
        try await withFile { file, identity, place in
            let stamp = try #require(await stampAtLast(file, identity))
            try waitForNextTime(after: identity, beside: place)
            #expect(file.identity(ofStamp: stamp) == identity)
            try way.write(to: place)
            #expect(file.identity(ofStamp: stamp) == nil)
            let changed = try file.identity().changed
            #expect(changed > identity.changed, "before anybody puts times back")
            // Who does changes the other time once more.
            let time = timespec(
                tv_sec: Int(identity.modified / 1_000_000_000), tv_nsec: Int(identity.modified % 1_000_000_000))
            #expect(utimensat(AT_FDCWD, place.path, [time, time], 0) == 0)
            #expect(try file.identity().modified == identity.modified)
            #expect(file.identity(ofStamp: stamp) == nil)
        }
    }

    enum Write: String, CaseIterable, Sendable {
        case atPlace, sameAgain, direct, mapped, mappedAndFlushed, cut

        func write(to place: URL) throws {
            let writer = open(place.path, O_RDWR | O_CLOEXEC | (self == .direct ? Int32(0o40000) : 0))
            try #require(writer != -1)
            defer { close(writer) }
            switch self {
            case .atPlace: #expect(pwrite(writer, "x", 1, 100) == 1)
            case .sameAgain: #expect(pwrite(writer, "\u{7}", 1, 100) == 1)
            case .direct:
                let block = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
                defer { block.deallocate() }
                memset(block, 1, 4096)
                #expect(pwrite(writer, block, 4096, 4096) == 4096)
            case .mapped, .mappedAndFlushed:
                let memory = mmap(nil, 10_000, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0)
                try #require(memory != MAP_FAILED)
                memory?.storeBytes(of: 1, toByteOffset: 100, as: UInt8.self)
                if self == .mappedAndFlushed { #expect(msync(memory, 10_000, MS_SYNC) == 0) }
                munmap(memory, 10_000)
            case .cut:
                #expect(truncate(place.path, 5_000) == 0)
                #expect(truncate(place.path, 10_000) == 0)
            }
        }
    }

    /// The system counts file times in ticks of a few milliseconds: until another file gets a later one.
    private func waitForNextTime(after identity: FileIdentity, beside place: URL) throws {
        let other = place.appendingPathExtension("other")
        let end = ContinuousClock.now + .seconds(10)
        repeat {
            try Data("x".utf8).write(to: other)
            try #require(ContinuousClock.now < end, "files get no later times")
        } while try FileIdentity(of: other.path).changed <= identity.changed
    }
}
