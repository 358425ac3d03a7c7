import Foundation
import TestSupport
import Testing

/// Clips that the service has lost, or ended, after they were uploaded.
@Suite(.fewAtOnce) struct RecreateTests {
    @Test func `an uploaded clip that is deleted on the service fails, and is started over when told so`() async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                let address = "{metadata: \"\(service.address)\", token: {file: token}}"
                try bench.writePipeline(service: address, more: "submit: {waitFor: uploaded}")
                expect(try await bench.run(), exits: 0)
                let uploaded = try #require(try bench.output.batch["instant-replay"])
                #expect(uploaded.state == "uploaded")
                let first = try #require(uploaded.gameClipId)
                try await service.curl("-X", "DELETE", "\(service.clips)/\(first)", expect: 204)

                try bench.writePipeline(service: address)
                for _ in 1...2 {
                    expect(try await bench.run(), exits: 1)
                    let failed = try #require(try bench.output.batch["instant-replay"])
                    #expect(failed.state == "failed")
                    #expect(
                        failed.reason == "the service has no such clip any more; run again with --recreate to begin "
                            + "another upload")
                }
                #expect(try await service.list().isEmpty, "no other id was asked for")

                expect(try await bench.run("--recreate"), exits: 0)
                let clips = try await service.list()
                #expect(clips.map(\.state) == ["Published"] && !clips.contains { $0.gameClipId == first })
                #expect(try bench.output.batch["instant-replay"]?.gameClipId == clips.first?.gameClipId)
            }
        }
    }
}
