import Foundation
import KitCore

/// The data for the page's scripts.
struct PageData: Encodable {
    /// A clip in the maps.
    struct MapClip: Encodable {
        let name: String
        let thumbnail: String?
        /// By the names in `labels`. A clip may lack some.
        let labels: [String: String]
    }

    var runs: [String] = []
    var panels: [CurvePanel] = []
    var maps: [FeatureProjection] = []
    var clips: [MapClip] = []
    /// The labels to colour by, the most informative first.
    var labels: [String] = []
    /// A chart for each task.
    var results: [IntervalPlot] = []

    /// The data as JSON for a script element: nothing in it ends the element or begins a comment.
    func script() throws -> HTML {
        var text = String(decoding: try JSONText.compact(self), as: UTF8.self)
        for letter in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            let code = String(letter.unicodeScalars.first!.value, radix: 16)
            text = text.replacingOccurrences(of: letter, with: "\\u" + code.padded(to: 4, .right, with: "0"))
        }
        return HTML(stringLiteral: text)
    }
}
