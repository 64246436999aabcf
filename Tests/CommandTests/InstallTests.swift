import Foundation
import TestSupport
import Testing

@Suite struct InstallTests {
    @Test func recipesAndSamplesComeWithTheKit() throws {
        let kit = try InstalledKit.shared.get()
        let share = kit.root.appendingPathComponent("share/dubkit")
        let outcome = try kit.run([
            "run", share.appendingPathComponent("scripts/pretrain/audio_audio.lua").path, "--dry-run", "--set",
            "data=\(share.appendingPathComponent("samples/movies").path)",
        ])
        #expect(outcome.status == 0 && outcome.errors.contains("dry run of 'audio_audio'"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: share.appendingPathComponent("scripts/dev").path))
    }
}
