import Foundation
import KitCore
import KitMedia

/// Data that the kit reads only after a conversion.
enum ForeignData {
    /// The endings of what Hugging Face's `datasets` writes.
    private static let tableEndings = ["parquet", "arrow"]
    /// More files than that are not searched.
    private static let mostFiles = 10_000

    /// The advice in the message that refuses a file; nil if there is none.
    static func advice(file: String) -> String? {
        guard tableEndings.contains(FileName.ending(file)) else { return nil }
        return advice(tables: Folder.of(file))
    }

    /// The advice in the message that refuses a folder without films; nil if there is none.
    static func advice(folder: String) -> String? {
        let files = FileManager.default.enumerator(atPath: folder)
        for _ in 0..<mostFiles {
            guard let name = files?.nextObject() as? String else { break }
            if tableEndings.contains(FileName.ending(name)) { return advice(tables: folder) }
            if let advice = TarIndex.advice(compressed: "\(folder)/\(name)") {
                return "\(name) is compressed, so that its members cannot be read in their places: \(advice)"
            }
        }
        return nil
    }

    private static func advice(tables folder: String) -> String {
        let script = "scripts/data/huggingface_to_tar.py"
        let place = KitShare.folder.map { "\($0)/\(script)" } ?? script
        return "Parquet and Arrow files of Hugging Face's datasets are read once they are turned into tar files, by: "
            + "python3 \(place.shellQuoted) \(folder.shellQuoted) OUT"
    }
}
