#if DEBUG
/// What a worker does instead of its work, so that tests see what becomes of it. Only tests can ask for it, and only
/// debug builds know it.
package enum Misbehaviour: String, Codable, Sendable, CaseIterable {
    /// Reads where no memory is.
    case crash
    /// Is killed, as by someone else.
    case kill
    /// Neither ends nor shows progress.
    case sleep
    /// Shows progress, and never ends.
    case dawdle
    /// Takes memory until there is no more.
    case allocate
    /// Ends in an orderly way.
    case exit
    /// Opens a file.
    case open
    /// Makes a socket.
    case connect
    /// Starts a program.
    case execute
    /// Answers with what is no frame.
    case babble
    /// Answers with facts that can't be.
    case lie
    /// Answers with pictures that are none.
    case forge
    /// Announces more bytes than may be.
    case boast
}
#endif
