import Kit
import LuaBridge
import Plugins
import Testing

/// What every plugin of the registry owes its users. No plugin is named here: a new one is held to it by existing.
@Suite struct PluginTests {
    private static var plugins: [any Plugin.Type] { PluginRegistry.shared.all }

    @Test func thereArePlugins() { #expect(Self.plugins.count > 20) }

    @Test func namesAreSnakeCase() {
        for type in Self.plugins {
            #expect(type.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(type.qualifiedName)")
        }
    }

    @Test func documentationIsComplete() {
        for type in Self.plugins {
            #expect(type.summary.hasSuffix("."), "summary of \(type.qualifiedName)")
            #expect(type.source.count > 4, "source of \(type.qualifiedName)")
            for (name, param) in type.init().parameters {
                #expect(param.help.count > 8 && param.help.hasSuffix("."), "\(type.qualifiedName), option '\(name)'")
            }
        }
    }

    @Test func unknownOptionsAreRefusedWithTheNearestName() {
        for type in Self.plugins {
            let names = type.init().parameters.map(\.name)
            guard let name = names.first(where: { $0.count > 3 }), type.name != "recipe" else { continue }
            let wrong = String(name.dropLast())
            guard !names.contains(wrong) else { continue }
            let error = #expect(throws: KitError.self, "\(type.qualifiedName)") {
                try PluginRegistry.make(type, options: Options(named: [(wrong, .int(1))]))
            }
            #expect(error?.message.contains("did you mean") == true, "\(type.qualifiedName): \(error?.message ?? "")")
        }
    }

    @Test func defaultsAreValid() throws {
        for type in Self.plugins where type.init().parameters.allSatisfy({ $0.param.isSet }) {
            let plugin = type.init()
            if (try? plugin.validate()) == nil { continue }
            #expect(throws: Never.self, "\(type.qualifiedName)") { try PluginRegistry.make(type, options: Options()) }
        }
    }

    @Test func lossesHaveRightGradientsAndRefuseWrongShapes() throws {
        var random = RandomStream(seed: 5)
        let a = Tensor.uniform([6, 5], -1, 1, &random)
        let b = Tensor.uniform([6, 5], -1, 1, &random)
        let narrow = Tensor.uniform([6, 4], -1, 1, &random)
        for case let type as any Loss.Type in Self.plugins {
            let takesFeatures = type.init().parameters.contains { $0.name == "features" }
            let options = Options(named: takesFeatures ? [("features", .int(5))] : [])
            let loss = try #require(try PluginRegistry.make(type, options: options) as? any Loss)
            // What a call changes is put back, so that each computes the same function.
            let buffers =
                (loss as? any StatefulLoss)?.state.namedBuffers().map { ($0.tensor, $0.tensor.copied()) } ?? []
            let parameters = (loss as? any StatefulLoss)?.state.namedParameters() ?? []
            try GradientCheck().run(type.name, [("a", a), ("b", b)] + parameters) { tensors in
                for (buffer, value) in buffers { buffer.pointer.update(from: value.pointer, count: value.count) }
                return try loss(tensors[0], tensors[1])
            }
            #expect(throws: KitError.self, "\(type.qualifiedName)") { try loss(a, narrow) }
            #expect(throws: KitError.self, "\(type.qualifiedName)") { try loss(.zeros([0, 5]), .zeros([0, 5])) }
        }
    }
}
