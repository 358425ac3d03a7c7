import CLinux

/// What lies between a program and the other end of a connection.
public enum SendQueue {
    /// Bytes that were handed to the system and that the other end's system has not acknowledged (`SIOCOUTQ`); 0 where
    /// that is not known.
    public static func unacknowledged(by socket: Int32) -> Int64 {
        Int64(max(0, clinux_unacknowledged(socket)))
    }
}
