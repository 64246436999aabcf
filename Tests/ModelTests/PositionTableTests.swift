import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Tables of positions of another length than the network's: Tests/Oracle/positions.py.
@Suite struct PositionTableTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    /// As Hugging Face's `ViTModel` and DeiT (cubic), PyTorch's linear interpolation, and AST's authors (cut).
    @Test func placesEqualPyTorchs() throws {
        try Oracle("positions").check("places") { each in
            let (own, leading) = (try each.ints("own"), try each.int("leading"))
            let kind = try PositionResizing.Kind(option: .string(each.string("kind")))
            let table = try each["table"]
            return try PositionResizing(kind, grid: each.ints("grid")).resized(
                table, to: [1, leading + own.reduce(1, *), table.shape[2]], .places(grid: own, leading: leading))
        }
    }

    /// As torchvision's `mvit_v2_s`.
    @Test func distancesEqualTorchvisions() throws {
        try Oracle("positions").check("distances") { each in
            let table = try each["table"]
            return try PositionResizing(.linear).resized(table, to: [each.int("rows"), table.shape[1]], .distances)
        }
    }

    /// What a network computes after loading is what it computes with tables that were resized before.
    @Test func learnedPositionsAreResizedWhenLoaded() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("w.safetensors").path
            let large = try make("vit", [("size", .string("ti")), ("frames", .int(96)), ("mels", .int(48))])
            let small = try make("vit", [("size", .string("ti")), ("frames", .int(56)), ("mels", .int(36))])
            try large.saveWeights(to: path)
            let before = small.stateEntries().map(\.tensor.values)
            func message(_ positions: PositionResizing?) -> String {
                #expect(throws: KitError.self) { try small.loadWeights(from: path, positions: positions) }?.message
                    ?? ""
            }
            #expect(
                message(nil).contains(
                    "'embeddings.position_embeddings' is a table of positions, which can be interpolated: positions "
                        + "\"linear\" of module:load, --interpolate-positions of dubkit weights convert"))
            #expect(
                message(PositionResizing(.cubic)).contains(
                    "the file's table has 36 positions after 2 other tokens, the network's a grid of 3 x 5: give the file's "
                        + "grid, outermost axis first, as a list of 2 extents"))
            #expect(
                message(PositionResizing(.cubic, grid: [5, 9])).contains(
                    "a grid of 5 x 9 does not fit the file's table of 36 positions"))
            #expect(small.stateEntries().map(\.tensor.values) == before)

            for kind in PositionResizing.Kind.allCases {
                let resizing = PositionResizing(kind, grid: [4, 9])
                try small.loadWeights(from: path, positions: resizing)
                let table = small.tensor("embeddings.position_embeddings")
                let wanted = try resizing.resized(
                    large.tensor("embeddings.position_embeddings"), to: table.shape,
                    .places(grid: [3, 5], leading: 2))
                #expect(table.values == wanted.values && table.requiresGrad)
                #expect(small.tensor("embeddings.cls_token").values == large.tensor("embeddings.cls_token").values)
            }
            let fit = try small.loadMatchingWeights(from: path)
            #expect(fit.otherShape == ["embeddings.position_embeddings"])
            let whole = try small.loadMatchingWeights(from: path, positions: PositionResizing(.linear, grid: [4, 9]))
            #expect(whole.otherShape.isEmpty && whole.loaded.count == before.count)
            // A table of the same length, but of another grid.
            let turned = try make("vit", [("size", .string("ti")), ("frames", .int(46)), ("mels", .int(96))])
            try turned.loadWeights(from: path, positions: PositionResizing(.linear, grid: [4, 9]))
            #expect(
                turned.tensor("embeddings.position_embeddings").values
                    != large.tensor("embeddings.position_embeddings").values)
        }
    }

    /// The tables of a network of another size of input give the same terms, since both are interpolated linearly.
    @Test func relativePositionsAreResizedWhenLoaded() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("w.safetensors").path
            let module = try make("mvitv2", [("modality", .string("audio"))])
            let other = try make("mvitv2", [("modality", .string("audio"))])
            let resized = try module.stateEntries().map { entry in
                let isTable = entry.name.contains("rel_pos")
                let tensor = try entry.stored(entry.tensor)
                return SafetensorsWriter.Item(
                    entry.name, isTable ? try tensor.resampledRows(tensor.shape[0] + 8) : tensor)
            }
            try SafetensorsWriter.write(resized, to: path)
            let error = #expect(throws: KitError.self) { try other.loadWeights(from: path) }
            #expect(error?.message.contains("and others are tables of positions") == true, "\(error?.message ?? "")")
            try other.loadWeights(from: path, positions: PositionResizing(.linear))
            for (given, wanted) in zip(other.stateEntries(), module.stateEntries()) {
                if wanted.name.contains("rel_pos") {
                    let rows = wanted.tensor.shape[0]
                    let expected = try wanted.tensor.resampledRows(rows + 8).resampledRows(rows)
                    #expect(given.tensor.values == expected.values, "\(wanted.name)")
                } else {
                    #expect(given.tensor.values == wanted.tensor.values, "\(wanted.name)")
                }
            }
        }
    }
}
