import Kit
import TestSupport
import Testing

/// A batch as recipes see it.
@Suite struct ClipBatchScriptTests {
    private func clip(_ change: (inout ClipSettings) -> Void = { _ in }) throws -> ClipBatch {
        try SyntheticFilms.dataset(SyntheticFilms.sources(2), split: .all, change).clip(0)
    }

    @Test func itShowsItsTensorsAndClips() throws {
        let clip = try clip()
        #expect(clip.scriptLine == "batch of 1 clip")
        #expect(
            clip.scriptDisplay.contains("video  ") && clip.scriptDisplay.contains("audio.en"), "\(clip.scriptDisplay)")
        #expect(clip.scriptDisplay.contains(clip.ids[0]) && clip.scriptDisplay.contains("en es fr"))
        #expect(clip.scriptBytes > 0)
    }

    @Test func picturesThatAreNotReadAreExplained() throws {
        let deaf = try clip { $0.frames = nil }
        #expect(deaf.scriptProperty("video") == nil && !deaf.scriptPropertyNames.contains("video"))
        #expect(deaf.scriptAbsence(of: "video") == ": its dataset reads no video (video = false)")
        #expect(deaf.scriptAbsence(of: "second_video").contains("second_view"))
        #expect(Set(ClipBatch.scriptFields.map(\.name)).isSuperset(of: deaf.scriptPropertyNames))
    }
}
