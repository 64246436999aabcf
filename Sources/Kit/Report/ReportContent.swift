import KitData
import KitEvaluation
import KitMedia

/// The content of a report, before it becomes a page.
struct ReportContent {
    let runs: [ReportRun]
    let table: ReportPart<ResultTable>
    /// The variant that the others are compared with.
    let reference: String?
    var clips: ReportPart<[ShownClip]> = .missing("")
    /// For each run, whether it has maps.
    var maps: [ReportPart<Void>] = []
    /// For each run.
    var galleries: [RunGallery] = []
    var data = PageData()

    /// A clip that is shown whole: images, and each language with its spectrogram and its sound.
    struct ShownClip {
        struct Track {
            let language: Language
            let spectrogram: String
            let sound: String
        }

        let name: String
        let film: String
        let start: Double
        let seconds: Double
        let images: [String]
        let tracks: [Track]
        /// Frequency labels of the spectrograms, with their heights, 0 to 1.
        let ticks: [(label: String, height: Double)]
    }

    /// The retrieval examples of one run.
    struct RunGallery {
        struct Direction {
            let gallery: RetrievalGallery
            /// The queries and the found clips, by their index in the gallery's list.
            let queries: [Int: Card]
            let found: [Int: Card]
            /// The origin of the features, in words.
            let origin: String
        }

        let directions: ReportPart<[Direction]>
        /// The names of held-out clips.
        let heldOut: [String]
    }

    /// A clip as an example: an image and the sound that was looked for or found.
    struct Card {
        let name: String
        var thumbnail: String?
        var sound: String?
        /// The sound's language.
        var language: String?
    }
}

/// The features of the selected clips from a run's encoders.
struct ClipFeatures {
    /// By encoder: its features, and the language if there are several.
    let views: [(encoder: String, views: [(features: FeatureSet, language: String?)])]

    init(_ encoders: [TrainedRun.Encoding], _ sets: [FeatureSet]) {
        views = encoders.map { encoder in
            let own = sets.filter { $0.view == encoder.name || $0.view.hasPrefix("\(encoder.name).") }
            return (encoder.name, own.map { ($0, RetrievalGallery.language(of: $0.view)) })
        }.filter { !$0.views.isEmpty }
    }
}
