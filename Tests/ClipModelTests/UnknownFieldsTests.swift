import ClipModel
import Foundation
import Testing

@Suite struct UnknownFieldsTests {
    @Test func `unknown members and enumerators survive reading and writing`() throws {
        let text = """
            {"deviceType":"Durango","gameClipId":"a","nested":{"list":[1,2.5,null,true]},"shareCount":9007199254740993,\
            "state":"Frobnicated","type":"MagicMoment, Holographic"}
            """
        let clip = try JSONDecoder().decode(WithUnknownFields<GameClip>.self, from: Data(text.utf8))
        #expect(clip.state == GameClipState(rawValue: "Frobnicated"))
        #expect(clip.state?.outlook == .underWay)
        #expect(clip.type?.types.map(\.rawValue) == ["MagicMoment", "Holographic"])
        #expect(clip.others.keys.sorted() == ["deviceType", "nested", "shareCount"])
        #expect(String(decoding: try CanonicalJSON.line(clip), as: UTF8.self) == text)
    }

    @Test func `a clip's id is found under either name`() throws {
        let clip = try JSONDecoder().decode(WithUnknownFields<GameClip>.self, from: Data(#"{"id": "b"}"#.utf8))
        #expect(clip.known.identifier == "b")
    }

    @Test func `numbers and booleans written as text are understood`() {
        #expect(JSONValue.string("1000").int64 == 1_000)
        #expect(JSONValue.integer(7).text == "7")
        #expect(JSONValue.string("True").bool == true)
        #expect(JSONValue.object([:]).text == nil)
    }
}
