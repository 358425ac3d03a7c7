import Testing

@testable import Pipeline

@Suite struct TemplateTests {
    @Test(arguments: [
        ("{clip.name} at {session.title}", "N at T"), ("plain", "plain"), ("{{clip.name}", "{clip.name}"),
        (#"{"Boss": "{session.title}"}"#, #"{"Boss": "T"}"#), ("{ 'Boss': 1 }", "{ 'Boss': 1 }"), ("a{", "a{"),
        ("", ""),
    ])
    func `placeholders are filled, other braces stay`(text: String, filled: String) throws {
        let values = ["clip.name": "N", "session.title": "T"]
        #expect(try Template(parsing: text).filled { values[$0] } == filled)
    }

    @Test func `a placeholder that is not closed or has no value is an error`() throws {
        #expect(throws: TemplateError.notClosed("clip.name")) { try Template(parsing: "{clip.name") }
        #expect(throws: TemplateError.unknown("clip.size")) { try Template(parsing: "{clip.size}").filled { _ in nil } }
    }

    @Test func `values inside JSON are escaped`() {
        let session = Session(scid: "s", title: "The \"Last\"\\ Stand")
        let values = Placeholders(path: "/c.mp4", pipeline: "p", session: session)
        #expect(values.insideJSON("session.title") == #"The \"Last\"\\ Stand"#)
        #expect(values.text("session.title") == session.title)
        #expect(values.text("session.ref") == nil)
    }
}
