import SystemIO
import Testing

@Suite struct PathTests {
    @Test(arguments: [
        ("/a/b/c.mp4", "/a/x", "../b/c.mp4"), ("/a/b", "/a/b", "."), ("/a/b/c", "/a/b", "c"), ("/c", "/a/b", "../../c"),
        ("/a/bc", "/a/b", "../bc"), ("/a/b", "/a/bc", "../b"), ("/a", "/a/b/c", "../.."), ("/a", "/", "a"),
        ("/", "/a", ".."),
        ("/ä/b", "/ö/b", "../../ä/b"),
    ])
    func `a relative path leads from the folder to the target`(path: String, folder: String, expected: String) {
        #expect(Path.relative(path, to: folder) == expected)
        #expect(Path.resolve(expected, below: folder) == path)
    }

    @Test(arguments: [
        ("a.mp4", "a"), ("/x.y/a", "/x.y/a"), ("b/.hidden", "b/.hidden"), ("a.tar.gz", "a.tar"), ("", ""),
    ])
    func `only the last extension is taken off`(path: String, expected: String) {
        #expect(Path.withoutExtension(path) == expected)
    }

    @Test(arguments: [("../a", "/b/c", "/b/a"), ("/../a/./b//c", "/", "/a/b/c"), ("a/..", "x", "x"), ("..", "/", "/")])
    func `dots are resolved`(path: String, base: String, expected: String) {
        #expect(Path.resolve(path, below: base) == expected)
    }

    @Test func `a path is a key by its bytes, where Unicode takes two for one`() {
        let (composed, decomposed) = ("/a/caf\u{E9}.mp4", "/a/cafe\u{301}.mp4")
        #expect(composed == decomposed)
        #expect(Set([composed, decomposed, composed].map(ExactPath.init)).count == 2)
    }
}
