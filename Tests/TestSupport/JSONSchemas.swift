public import Foundation

/// The schemas of the repository, for pipeline files and the documents that the program writes.
public enum JSONSchema: String, Sendable {
    case manifest
    case batch
    case probe
    case statistics
    case pipeline
    case timings
    case log
    case plan
}

/// A JSON document and the schema that it must keep to.
public struct SchemaQuestion: Sendable {
    public var schema: JSONSchema
    public var document: Data

    public init(_ schema: JSONSchema, _ document: Data) {
        self.schema = schema
        self.document = document
    }
}

/// What is wrong with each document: one sentence for each mistake, none where all is well. A validator that knows
/// nothing of clipship looks at all of them at once.
public func mistakes(in questions: [SchemaQuestion]) async throws -> [[String]] {
    let list = try questions.map { question in
        [
            "schema": question.schema.rawValue,
            "document": try JSONSerialization.jsonObject(with: question.document, options: .fragmentsAllowed),
        ]
    }
    let result = try await run(
        "/usr/bin/python3",
        [
            "-W", "ignore", Places.root.appending(path: "Tests/Programs/validate-json.py").path,
            Places.root.appending(path: "schemas").path,
        ], input: JSONSerialization.data(withJSONObject: list))
    try result.expectSuccess()
    return try JSONDecoder().decode([[String]].self, from: result.output)
}
