import CFFmpeg
import ClipModel
import Glibc

/// What is used of `libavfilter`, which is loaded when it is asked for first (`dlopen`): thirty libraries come with it,
/// and only HDR, wide gamuts and interlaced video need it.
struct FilterLibrary: Sendable {
    typealias Graph = UnsafeMutablePointer<AVFilterGraph>
    typealias Filter = UnsafeMutablePointer<AVFilterContext>
    typealias Ends = UnsafeMutablePointer<UnsafeMutablePointer<AVFilterInOut>?>

    let version: @convention(c) @Sendable () -> UInt32
    let graphAlloc: @convention(c) @Sendable () -> Graph?
    let graphFree: @convention(c) @Sendable (UnsafeMutablePointer<Graph?>) -> Void
    let graphParse: @convention(c) @Sendable (Graph, UnsafePointer<CChar>, Ends, Ends) -> Int32
    let graphConfigure: @convention(c) @Sendable (Graph, UnsafeMutableRawPointer?) -> Int32
    let endsFree: @convention(c) @Sendable (Ends) -> Void
    let addFrame: @convention(c) @Sendable (Filter, UnsafeMutablePointer<AVFrame>?) -> Int32
    let getFrame: @convention(c) @Sendable (Filter, UnsafeMutablePointer<AVFrame>) -> Int32

    /// Nil where it is not installed in the version that this was built for. It is never unloaded.
    static let shared = FilterLibrary()

    /// Debian names the package as the file.
    static let missing = MediaError(
        .notAvailable,
        """
        HDR and interlaced video need \(file), which can't be loaded: install it (in Debian the package \
        libavfilter\(LIBAVFILTER_VERSION_MAJOR)).
        """)

    private static let file = "libavfilter.so.\(LIBAVFILTER_VERSION_MAJOR)"

    private init?() {
        guard let library = dlopen(Self.file, RTLD_NOW | RTLD_LOCAL),
            let version = dlsym(library, "avfilter_version"),
            let graphAlloc = dlsym(library, "avfilter_graph_alloc"),
            let graphFree = dlsym(library, "avfilter_graph_free"),
            let graphParse = dlsym(library, "avfilter_graph_parse2"),
            let graphConfigure = dlsym(library, "avfilter_graph_config"),
            let endsFree = dlsym(library, "avfilter_inout_free"),
            let addFrame = dlsym(library, "av_buffersrc_add_frame"),
            let getFrame = dlsym(library, "av_buffersink_get_frame")
        else { return nil }
        // The types are those of the headers of the same version.
        self.version = unsafeBitCast(version, to: type(of: self.version))
        self.graphAlloc = unsafeBitCast(graphAlloc, to: type(of: self.graphAlloc))
        self.graphFree = unsafeBitCast(graphFree, to: type(of: self.graphFree))
        self.graphParse = unsafeBitCast(graphParse, to: type(of: self.graphParse))
        self.graphConfigure = unsafeBitCast(graphConfigure, to: type(of: self.graphConfigure))
        self.endsFree = unsafeBitCast(endsFree, to: type(of: self.endsFree))
        self.addFrame = unsafeBitCast(addFrame, to: type(of: self.addFrame))
        self.getFrame = unsafeBitCast(getFrame, to: type(of: self.getFrame))
    }
}
