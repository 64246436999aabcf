import Foundation
import KitCore

/// What the page's scripts draw.
struct PageData: Encodable {
    /// A clip as the maps show it.
    struct MapClip: Encodable {
        let name: String
        let thumbnail: String?
        /// By the names of `labels`; a clip may lack some.
        let labels: [String: String]
    }

    var runs: [String] = []
    var panels: [CurvePanel] = []
    var maps: [EmbeddingMap] = []
    var clips: [MapClip] = []
    /// The labels to colour by, those that say something first.
    var labels: [String] = []
    /// A chart for each task.
    var results: [IntervalPlot] = []

    /// The data as JSON that can stand in a script element: nothing in it ends the element or begins a comment.
    func script() throws -> HTML {
        var text = String(decoding: try JSONText.compact(self), as: UTF8.self)
        for letter in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            let code = String(letter.unicodeScalars.first!.value, radix: 16)
            text = text.replacingOccurrences(of: letter, with: "\\u" + code.padded(to: 4, .right, with: "0"))
        }
        return HTML(stringLiteral: text)
    }
}
