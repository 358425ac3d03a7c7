import CYAML

/// Reads one YAML document (JSON is one too) through libyaml.
package enum YAMLParser {
    /// Aliases may multiply a small text; no file of ours needs more nodes or deeper nesting than this.
    private static let mostNodes = 100_000
    private static let deepest = 64

    /// - Throws: `YAMLError` for what isn't YAML, more than one document, or a document out of all proportion.
    package static func parse(_ text: [UInt8]) throws(YAMLError) -> YAMLNode {
        // The mark that some editors put before UTF-8 is no part of the text.
        let text = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
        guard let parser = Parser() else { throw YAMLError(mark: .start, reason: "out of memory") }
        return try text.withUnsafeBufferPointer { bytes throws(YAMLError) in
            try checkSize(of: bytes)
            yaml_parser_set_encoding(parser.handle, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser.handle, bytes.baseAddress, bytes.count)
            let document = try Document(from: parser)
            var budget = mostNodes
            guard let root = yaml_document_get_root_node(document.handle) else {
                return YAMLNode(mark: .start, content: .scalar("", isPlain: true))
            }
            let node = try convert(root, of: document, depth: 0, budget: &budget)
            let next = try Document(from: parser)
            if let extra = yaml_document_get_root_node(next.handle) {
                throw YAMLError(mark: Mark(extra.pointee.start_mark), reason: "a second document; only one is expected")
            }
            return node
        }
    }

    /// libyaml takes time with the square of the depth, and a document of it memory for each value; its events come one by
    /// one (`yaml_parser_parse`).
    private static func checkSize(of bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        guard let parser = Parser() else { throw YAMLError(mark: .start, reason: "out of memory") }
        yaml_parser_set_encoding(parser.handle, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser.handle, bytes.baseAddress, bytes.count)
        var (depth, count) = (0, 0)
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser.handle, &event) == 1 else { throw parser.error }
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT: (depth, count) = (depth + 1, count + 1)
            case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT: count += 1
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: depth -= 1
            case YAML_STREAM_END_EVENT: return
            default: break
            }
            guard depth <= deepest else {
                throw YAMLError(mark: Mark(event.start_mark), reason: tooDeep)
            }
            guard count <= mostNodes else { throw YAMLError(mark: Mark(event.start_mark), reason: tooMany) }
        }
    }

    private static let tooMany = "more than \(mostNodes) values"
    private static let tooDeep = "nested deeper than \(deepest) levels"

    private static func convert(
        _ node: UnsafeMutablePointer<yaml_node_t>, of document: borrowing Document, depth: Int, budget: inout Int
    ) throws(YAMLError) -> YAMLNode {
        let mark = Mark(node.pointee.start_mark)
        budget -= 1
        guard depth < deepest else { throw YAMLError(mark: mark, reason: tooDeep) }
        guard budget > 0 else { throw YAMLError(mark: mark, reason: tooMany) }

        switch node.pointee.type {
        case YAML_SEQUENCE_NODE:
            let items = node.pointee.data.sequence.items
            var values: [YAMLNode] = []
            for item in UnsafeBufferPointer(start: items.start, count: items.top - items.start) {
                guard let value = yaml_document_get_node(document.handle, item) else { continue }
                values.append(try convert(value, of: document, depth: depth + 1, budget: &budget))
            }
            return YAMLNode(mark: mark, content: .sequence(values))
        case YAML_MAPPING_NODE:
            let pairs = node.pointee.data.mapping.pairs
            var members: [YAMLNode.Member] = []
            for pair in UnsafeBufferPointer(start: pairs.start, count: pairs.top - pairs.start) {
                guard let key = yaml_document_get_node(document.handle, pair.key),
                    let value = yaml_document_get_node(document.handle, pair.value)
                else { continue }
                members.append(
                    YAMLNode.Member(
                        key: try convert(key, of: document, depth: depth + 1, budget: &budget),
                        value: try convert(value, of: document, depth: depth + 1, budget: &budget)))
            }
            return YAMLNode(mark: mark, content: .mapping(members))
        default:
            let scalar = node.pointee.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return YAMLNode(
                mark: mark, content: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE))
        }
    }
}

/// Why a text is not a YAML document.
package struct YAMLError: Error, Hashable, Sendable {
    package var mark: Mark
    package var reason: String
}

extension Mark {
    init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}

/// Owns a parser (`yaml_parser_initialize`, `yaml_parser_delete`).
private struct Parser: ~Copyable {
    let handle: UnsafeMutablePointer<yaml_parser_t>

    /// Nil where there is no memory.
    init?() {
        handle = .allocate(capacity: 1)
        guard yaml_parser_initialize(handle) == 1 else {
            handle.deallocate()
            return nil
        }
    }

    deinit {
        yaml_parser_delete(handle)
        handle.deallocate()
    }

    /// What the last failed call complained about.
    var error: YAMLError {
        let parser = handle.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
        // The context mark is of use only where libyaml gives no mark of the problem itself, as for its reader.
        let mark = parser.error == YAML_READER_ERROR ? Mark(parser.mark) : Mark(parser.problem_mark)
        return YAMLError(mark: mark, reason: problem)
    }
}

/// Owns a loaded document (`yaml_parser_load`, `yaml_document_delete`).
private struct Document: ~Copyable {
    let handle: UnsafeMutablePointer<yaml_document_t>

    init(from parser: borrowing Parser) throws(YAMLError) {
        let document = UnsafeMutablePointer<yaml_document_t>.allocate(capacity: 1)
        guard yaml_parser_load(parser.handle, document) == 1 else {
            document.deallocate()
            throw parser.error
        }
        handle = document
    }

    deinit {
        yaml_document_delete(handle)
        handle.deallocate()
    }
}
