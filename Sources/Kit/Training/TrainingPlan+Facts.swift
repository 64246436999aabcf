import KitCore

extension RunFacts {
    /// The facts of a run for a plan.
    init(_ plan: TrainingPlan, _ settings: RunSettings, _ configuration: ResolvedConfiguration) {
        let plugins: [(any Plugin)?] = [plan.declaration, plan.optimizer, plan.factor?.schedule, plan.evaluation]
        self.init(
            recipe: settings.recipe, command: settings.command,
            configuration: ConfigurationFacts(configuration, plugins: plugins.compactMap { $0 }, groups: plan.groups),
            modules: Session.current[RecipeModules.self].all,
            model: ModelFacts(clips: plan.batches.clips, modules: plan.modules, recipe: settings.recipe))
    }
}
