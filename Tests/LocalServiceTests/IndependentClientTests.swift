import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct IndependentClientTests {
    @Test(arguments: [false, true])
    func `a client that was written from the protocol alone can do every call`(opaqueUploadIds: Bool) async throws {
        try await withTemporaryFolder { folder in
            let clip = folder.appending(path: "clip.mp4")
            try Samples.bytes(5_000_000).write(to: clip)
            var pictures: [String] = []
            for (width, height) in [(856, 424), (424, 208)] {
                _ = try await Samples.jpeg(width: width, height: height, in: folder)
                pictures.append(folder.appending(path: "\(width)x\(height).jpg").path)
            }
            try await Harness.run(in: folder) {
                $0.uploadIds = opaqueUploadIds ? .inQuery : .gameClipId
                let user = StatisticsTable.Scid(scid: Harness.scid, statistics: [.init("Wins", .integer(12))])
                $0.statistics.users = [.init(xuid: 2_716_903_703_773_872, scids: [user])]
            } _: { harness in
                let result = try await run(
                    "/usr/bin/python3",
                    [
                        Places.root.appending(path: "Tests/Programs/independent-client.py").path,
                        harness.address.baseURL, harness.service.developerToken, clip.path, pictures[0], pictures[1],
                        "77", "2716903703773872", Harness.scid, "Wins",
                    ])
                try result.expectSuccess()
                #expect(
                    result.outputText.split(separator: "\n") == [
                        "POST clips", "PUT blocks", "PUT thumbnails", "GET clip", "GET uri", "GET clips", "POST clip",
                        "DELETE clip", "POST batch", "POST clusters", "GET allocationStatus",
                    ])
            }
        }
    }
}
