import Foundation
import SystemIO
import TestSupport
import Testing

/// Memory that is used over and over.
@Suite struct BufferPoolTests {
    private func withFile(of count: Int, _ body: (OpenFile, [UInt8]) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let file = folder.appending(path: "file")
            try Data(bytes).write(to: file)
            try await body(try OpenFile(file.path), bytes)
        }
    }

    @Test func `ranges come as they are in the file, also past its end and beyond a buffer`() async throws {
        try await withFile(of: 10_000) { file, bytes in
            let pool = BufferPool(size: 4_000)
            for range in [0..<4_000, 4_000..<8_000, 8_000..<12_000, 0..<10_000, 500..<500, 20_000..<20_010] {
                let read = try pool.bytes(of: file, in: Int64(range.lowerBound)..<Int64(range.upperBound))
                let expected = bytes[min(range.lowerBound, 10_000)..<min(range.upperBound, 10_000)]
                #expect(read == Data(expected), "\(range)")
            }
        }
    }

    @Test func `memory is used again, and only when nobody has it any more`() async throws {
        try await withFile(of: 4_000) { file, bytes in
            let pool = BufferPool(size: 1_000)
            func place(of data: Data) -> UInt { data.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
            var first: Data? = try pool.bytes(of: file, in: 0..<1_000)
            let copy = first
            let second = try pool.bytes(of: file, in: 1_000..<2_000)
            let used = place(of: try #require(first))
            #expect(place(of: second) != used)
            first = nil
            // A copy is still there.
            let third = try pool.bytes(of: file, in: 2_000..<3_000)
            #expect(place(of: third) != used && copy == Data(bytes[0..<1_000]))
        }
        try await withFile(of: 1_000) { file, _ in
            let pool = BufferPool(size: 1_000)
            var places: Set<UInt> = []
            for _ in 0..<100 {
                let data = try pool.bytes(of: file, in: 0..<1_000)
                places.insert(data.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
            }
            #expect(places.count == 1)
        }
    }

    @Test func `what is still in use outlives the pool`() async throws {
        try await withFile(of: 1_000) { file, bytes in
            var pool: BufferPool? = BufferPool(size: 1_000)
            let data = try pool?.bytes(of: file, in: 0..<1_000)
            pool = nil
            #expect(data == Data(bytes))
        }
    }
}
