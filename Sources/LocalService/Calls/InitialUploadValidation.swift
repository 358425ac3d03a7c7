import ClipModel
import FoundationEssentials

/// What the service takes.
enum ServiceLimits {
    /// Bytes of one block: "2 MB" in its larger reading.
    static let largestBlock: Int64 = 2_097_152
    /// Bytes of a JSON body.
    static let largestBody = 262_144
    /// Bytes of a thumbnail.
    static let largestThumbnail = 1_048_576
    /// Characters of a continuation token.
    static let longestContinuationToken = 36
    /// Clips in one answer of a list.
    static let mostItems = 100
    static let defaultItems = 25
}

extension InitialUploadRequest {
    /// Reads and checks the body of the initial request; refuses it with everything that is wrong with it.
    init(checking body: Data) throws(Refusal) {
        typealias Key = CodingKeys
        var reader = try MemberReader(body)
        let dateRecorded = reader.required(Key.dateRecorded, reader.string(Key.dateRecorded))
        let duration = reader.required(
            Key.durationInSeconds, reader.integer(Key.durationInSeconds, as: UInt32.self))
        let fileSize = reader.required(Key.fileSize, reader.integer(Key.fileSize, as: UInt32.self))
        let type = reader.required(Key.type, reader.string(Key.type))
        let source: GameClipSource? = reader.required(
            Key.source, reader.enumerator(Key.source, except: [.none]))
        let visibility: GameClipVisibility? = reader.required(
            Key.visibility, reader.enumerator(Key.visibility, except: [.none]))
        let optional = OptionalMembers(&reader)
        if let dateRecorded, Timestamp(parsing: dateRecorded) == nil {
            reader.reject("dateRecorded: \"\(dateRecorded.prefix(40))\" is not an ISO 8601 time with a zone")
        }
        if let type { reader.checkTypes(type) }
        if let fileSize { reader.checkBlocks(optional.expectedBlocks, fileSize: fileSize) }
        try reader.check()
        guard let dateRecorded, let duration, let fileSize, let type, let source, let visibility else {
            throw .badBody("a required member is missing")
        }
        self.init(
            dateRecorded: dateRecorded, durationInSeconds: duration, fileSize: fileSize,
            expectedBlocks: optional.expectedBlocks, type: GameClipTypes(parsing: type), source: source,
            visibility: visibility)
        optional.fill(&self)
    }
}

/// The members that may be absent.
private struct OptionalMembers {
    let clipNameStringId: String?
    let greatestMomentId: String?
    let userCaption: String?
    let sessionRef: String?
    let expectedBlocks: UInt32?
    let titleData: String?
    let systemProperties: String?
    let usersInSession: [String]?
    let thumbnailSource: ThumbnailSource?
    let thumbnailOffset: Int32?
    let savedByUser: Bool?

    init(_ reader: inout MemberReader) {
        typealias Key = InitialUploadRequest.CodingKeys
        clipNameStringId = reader.string(Key.clipNameStringId)
        greatestMomentId = reader.string(Key.greatestMomentId)
        userCaption = reader.caption(Key.userCaption)
        sessionRef = reader.string(Key.sessionRef)
        expectedBlocks = reader.integer(Key.expectedBlocks, as: UInt32.self)
        titleData = reader.titleData(Key.titleData)
        systemProperties = reader.string(Key.systemProperties)
        usersInSession = reader.strings(Key.usersInSession)
        thumbnailSource = reader.enumerator(Key.thumbnailSource)
        thumbnailOffset = reader.integer(Key.thumbnailOffsetMillseconds, as: Int32.self)
        savedByUser = reader.bool(Key.savedByUser)
        let name = Key.thumbnailOffsetMillseconds.stringValue
        if let thumbnailOffset, thumbnailOffset < 0 { reader.reject("\(name) is negative") }
        if thumbnailOffset != nil, thumbnailSource != .offset {
            reader.reject("\(name) is allowed only when thumbnailSource is Offset")
        }
        if thumbnailOffset == nil, thumbnailSource == .offset { reader.reject("\(name) is missing") }
    }

    func fill(_ request: inout InitialUploadRequest) {
        request.clipNameStringId = clipNameStringId
        request.greatestMomentId = greatestMomentId
        request.userCaption = userCaption
        request.sessionRef = sessionRef
        request.titleData = titleData
        request.systemProperties = systemProperties
        request.usersInSession = usersInSession
        request.thumbnailSource = thumbnailSource
        request.thumbnailOffsetMillseconds = thumbnailOffset
        request.savedByUser = savedByUser
    }
}

extension MemberReader {
    /// At most 250 characters, counted as Unicode code points.
    mutating func caption(_ name: some CodingKey) -> String? {
        let caption = string(name)
        let length = caption.map(InitialUploadRequest.captionLength) ?? 0
        if length > InitialUploadRequest.longestCaption {
            reject("\(name.stringValue) has \(length) characters; at most 250 are taken")
        }
        return caption
    }

    /// At most 10 KB.
    mutating func titleData(_ name: some CodingKey) -> String? {
        let data = string(name)
        if let data, data.utf8.count > InitialUploadRequest.largestTitleData {
            reject("\(name.stringValue) has \(data.utf8.count) bytes; at most 10240 are taken")
        }
        return data
    }

    /// One or more listed types, none of them `None`.
    fileprivate mutating func checkTypes(_ text: String) {
        let types = GameClipTypes(parsing: text).types
        if types.isEmpty { reject("type is empty") }
        for type in types where !type.isListed || type == .none {
            reject("type: \"\(type.rawValue.prefix(40))\" is not valid for an upload")
        }
    }

    /// Every block has from 1 to 2,097,152 bytes.
    fileprivate mutating func checkBlocks(_ blocks: UInt32?, fileSize: UInt32) {
        if fileSize == 0 { reject("fileSize is 0: an empty clip is not taken") }
        guard let blocks else { return }
        if blocks == 0 {
            reject("expectedBlocks is 0")
        } else if blocks > fileSize {
            reject("expectedBlocks is \(blocks), but the file has only \(fileSize) bytes")
        } else if Int64(blocks) * ServiceLimits.largestBlock < Int64(fileSize) {
            reject("expectedBlocks is \(blocks): \(fileSize) bytes need more blocks of at most 2097152 bytes")
        }
    }
}
