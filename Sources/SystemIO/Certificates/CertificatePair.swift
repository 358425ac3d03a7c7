public import FoundationEssentials

import CCrypto

/// A certificate and a key that come from elsewhere.
public enum CertificatePair {
    /// Says what is wrong with them: not PEM, not of each other (`X509_check_private_key`).
    public static func check(certificate: Data, key: Data) throws(CertificateError) {
        guard let read = read(certificate, { PEM_read_bio_X509($0, nil, nil, nil) }) else {
            throw CertificateError("the certificate is not one in PEM")
        }
        defer { X509_free(read) }
        // A key with a password is refused, for nobody is asked for it.
        guard let readKey = self.read(key, { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }) else {
            throw CertificateError("the key is not one in PEM, or has a password")
        }
        defer { EVP_PKEY_free(readKey) }
        guard X509_check_private_key(read, readKey) == 1 else {
            throw CertificateError("the key is not that of the certificate")
        }
    }

    private static func read(_ data: Data, _ parse: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        data.withUnsafeBytes { bytes in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            return parse(bio)
        }
    }
}
