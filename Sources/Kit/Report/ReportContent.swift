import KitData
import KitEvaluation
import KitMedia

/// All that a report shows, before it becomes a page.
struct ReportContent {
    let runs: [ReportRun]
    let table: Part<ResultTable>
    /// The variant that others are compared with.
    let reference: String?
    var clips: Part<[ShownClip]> = .missing("")
    /// For each run whether it has maps.
    var maps: [Part<Void>] = []
    /// For each run.
    var galleries: [RunGallery] = []
    var data = PageData()

    /// A clip that is shown whole: pictures, and each language with its spectrogram and its sound.
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
        let pictures: [String]
        let tracks: [Track]
        /// Frequencies beside the spectrograms, with their heights, 0 to 1.
        let ticks: [(label: String, height: Double)]
    }

    /// The retrieval examples of one run.
    struct RunGallery {
        struct Direction {
            let gallery: RetrievalGallery
            /// The clips that are looked for, and those that are found, by their place in the gallery's list.
            let queries: [Int: Card]
            let found: [Int: Card]
            /// Where the features come from, in words.
            let origin: String
        }

        let directions: Part<[Direction]>
        /// The names of clips that training did not see.
        let heldOut: [String]
    }

    /// A clip as an example: a picture and the sound that was looked for or found.
    struct Card {
        let name: String
        var thumbnail: String?
        var sound: String?
        /// The sound's language.
        var language: String?
    }
}

/// The features that a run's encoders make of the chosen clips.
struct EmbeddedClips {
    /// By encoder: its features, and the language heard where there are several.
    let views: [(encoder: String, views: [(features: FeatureSet, language: String?)])]

    init(_ encoders: [TrainedRun.Encoding], _ sets: [FeatureSet]) {
        views = encoders.map { encoder in
            let own = sets.filter { $0.view == encoder.name || $0.view.hasPrefix("\(encoder.name).") }
            return (encoder.name, own.map { ($0, RetrievalGallery.language(of: $0.view)) })
        }.filter { !$0.views.isEmpty }
    }
}
