import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import MediaKit

/// What `docs/determinism.md` says: the thumbnails of video in standard dynamic range are the same bytes with every
/// release of FFmpeg and of libjpeg-turbo, and with every set of instructions of the processor.
@Suite struct DeterminismTests {
    @Test(arguments: [
        (
            "boss-fight", "58752f5a77fd12b0c1197cb2357a8dd11737b2a33ab9675df423c7a273c33a50",
            "066f61f567641c87e3237936f51660548efe4b00561bf4dd2ba4b761e4ca6f99"
        ),
        (
            "hallway-720p", "aff8070b0601bef8bdc9cfc8c656290e790dc9106d7a608cc52ea066b7ff3b73",
            "1a396e73ef374045bb3fdd937fa4b30770c7bba9e77e3d79abe9c7b8b4fef969"
        ),
        (
            "instant-replay", "102d91e8c87cfc0d4691a22d77758229b2c11387d35b7175bf6f86ca8e8a0e25",
            "6d5e584c7a843e86010f64b319a8fec4494c6c0fb7b840f48fa5c5914c154181"
        ),
        (
            "lobby-vfr", "58b64f2b89c9cc741e2264601dd9bad6ef29a17ecc8f705319781ff421820840",
            "95255f74b729567ac5687b81c2cb84f45ed66abef0ba7a45fc0f1f5c6ab1487e"
        ),
        (
            "phone-portrait", "044a77d0fb8aacb1d5742b2552922d54f094ddbe005c951bac768fa08e01d0ea",
            "18fb459683117ed1a4060862cbf908b21bd4ecd21ac79c0bed0b123b16d62f03"
        ),
    ])
    func `thumbnails are the same bytes wherever they are made`(clip: String, large: String, small: String) async throws
    {
        let file = Places.samples.appending(path: "\(clip).mp4")
        let thumbnails = try #require(
            try await examine(file, ThumbnailRequest(offsetMilliseconds: 500)).thumbnails)
        let digests = try [thumbnails.large, thumbnails.small].map { "\(try SHA256Hasher.digest(of: $0.bytes))" }
        #expect(digests == [large, small])
    }
}
