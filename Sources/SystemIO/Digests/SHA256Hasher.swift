public import ClipModel
import CCrypto

/// A running SHA-256 (`EVP_DigestUpdate`).
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// Throws `DigestError` where OpenSSL has no SHA-256 or no memory.
    public init() throws(DigestError) {
        guard let context = EVP_MD_CTX_new() else { throw DigestError() }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw DigestError()
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    public mutating func update(_ bytes: RawSpan) throws(DigestError) {
        let isDone = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard isDone == 1 else { throw DigestError() }
    }

    /// The digest of what was given so far (`EVP_MD_CTX_copy_ex`).
    public func current() throws(DigestError) -> SHA256Digest {
        let copy = try SHA256Hasher()
        guard EVP_MD_CTX_copy_ex(copy.context, context) == 1 else { throw DigestError() }
        return try copy.finish()
    }

    /// The digest of all that was given.
    public consuming func finish() throws(DigestError) -> SHA256Digest {
        var isDone: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            isDone = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            count = 32
        }
        guard isDone == 1, let digest = SHA256Digest(bytes: bytes) else { throw DigestError() }
        return digest
    }

    /// The digest of bytes in memory.
    public static func digest(of bytes: RawSpan) throws(DigestError) -> SHA256Digest {
        var hasher = try SHA256Hasher()
        try hasher.update(bytes)
        return try hasher.finish()
    }
}

/// OpenSSL refused to compute a digest (out of memory, or SHA-256 disabled by its configuration).
public struct DigestError: Error, Hashable, Sendable, CustomStringConvertible {
    public init() {}
    public var description: String { "OpenSSL can't compute a SHA-256 digest" }
}
