import CCurl

/// The library below.
public enum TransportLibrary {
    /// libcurl with all that it uses, such as `libcurl/8.14.1 OpenSSL/3.5.1 ...` (`curl_version`).
    public static var version: String { curl_version().map { String(cString: $0) } ?? "libcurl" }
}
