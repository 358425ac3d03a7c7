import CFFmpeg
import ClipModel

/// Owns an `AVFilterGraph` with one input and one output.
struct FilterGraph: ~Copyable {
    private let library: FilterLibrary
    private let graph: Graph
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>

    private struct Graph: ~Copyable {
        let pointer: FilterLibrary.Graph
        private let library: FilterLibrary

        /// `avfilter_graph_alloc`
        init(_ library: FilterLibrary) throws(MediaError) {
            pointer = try check(library.graphAlloc())
            self.library = library
        }

        deinit {
            var graph: FilterLibrary.Graph? = pointer
            library.graphFree(&graph)
        }
    }

    /// `filters`: a chain in FFmpeg's syntax, of numbers and words that are ours.
    ///
    /// Throws `notAvailable` when this installation lacks a filter (`avfilter_graph_parse2`).
    init(
        _ library: FilterLibrary, from size: PixelSize, _ format: AVPixelFormat, _ filters: String
    ) throws(MediaError) {
        let graph = try Graph(library)
        graph.pointer.pointee.nb_threads = 1
        let input = "buffer=video_size=\(size.width)x\(size.height):pix_fmt=\(format.rawValue):time_base=1/1"
        var inputs: UnsafeMutablePointer<AVFilterInOut>?
        var outputs: UnsafeMutablePointer<AVFilterInOut>?
        let code = library.graphParse(graph.pointer, "\(input),\(filters),buffersink", &inputs, &outputs)
        library.endsFree(&inputs)
        library.endsFree(&outputs)
        try check(code, .notAvailable, "This installation of FFmpeg lacks a filter that the video needs")
        try check(library.graphConfigure(graph.pointer, nil), .notAvailable, "The filters can't be set up")
        let count = Int(graph.pointer.pointee.nb_filters)
        let all = (0..<count).compactMap { graph.pointer.pointee.filters?[$0] }
        guard let source = all.first(where: { Self.name(of: $0) == "buffer" }),
            let sink = all.first(where: { Self.name(of: $0) == "buffersink" })
        else { throw MediaError(.notAvailable, "The filters can't be set up.") }
        self.library = library
        self.graph = graph
        self.source = source
        self.sink = sink
    }

    private static func name(of filter: UnsafeMutablePointer<AVFilterContext>) -> String {
        String(cString: filter.pointee.filter.pointee.name)
    }

    /// One picture through all filters; `picture` is used up.
    func apply(to picture: borrowing Frame) throws(MediaError) -> Frame {
        try push(picture)
        return try pull()
    }

    /// Puts a picture in, which is used up (`av_buffersrc_add_frame`).
    func push(_ picture: borrowing Frame) throws(MediaError) {
        try check(library.addFrame(source, picture.pointer), .damaged, "The picture can't be converted")
    }

    /// No more pictures follow.
    func end() throws(MediaError) {
        try check(library.addFrame(source, nil), .damaged, "The picture can't be converted")
    }

    /// The next picture that comes out (`av_buffersink_get_frame`).
    func pull() throws(MediaError) -> Frame {
        let result = try Frame()
        try check(library.getFrame(sink, result.pointer), .damaged, "The picture can't be converted")
        return result
    }
}
