import Foundation
import TestSupport
import Testing

@testable import SystemIO

/// What of the machine a process may use.
@Suite struct AllotmentTests {
    @Test func `a scheduler's word goes first, then what nproc says`() async throws {
        #expect(Allotment.current(["SLURM_CPUS_PER_TASK": "3"]).processors == 3)
        let nproc = try await run("/usr/bin/env", ["-u", "OMP_NUM_THREADS", "nproc"]).outputText
        let count = try #require(Int(nproc.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect((1...count).contains(Allotment.current([:]).processors))
        #expect((1...count).contains(Allotment.current(["SLURM_CPUS_PER_TASK": "many"]).processors))
    }

    @Test func `control groups limit time and memory, also those above`() async throws {
        try await withTemporaryFolder { folder in
            let inner = folder.appending(path: "root/job/task")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            func write(_ path: String, _ text: String) throws {
                try Data(text.utf8).write(to: folder.appending(path: path))
            }
            try write("groups", "12:cpu:/old\n0::/job/task\n")
            try write("root/job/cpu.max", "150000 100000\n")
            try write("root/job/memory.max", "max\n")
            try write("root/job/task/cpu.max", "max 100000\n")
            try write("root/job/task/memory.max", "536870912\n")
            let groups = ControlGroup.own(
                root: folder.appending(path: "root").path, process: folder.appending(path: "groups").path)
            #expect(groups.count == 3)
            #expect(groups.compactMap(\.processors) == [1.5] && groups.compactMap(\.memory) == [536_870_912])
        }
    }
}
