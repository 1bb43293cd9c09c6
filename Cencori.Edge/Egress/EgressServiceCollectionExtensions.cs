using Cencori.Edge.Settings;

namespace Cencori.Edge.Egress;

public static class EgressServiceCollectionExtensions
{
    /// <exception cref="Storage.Startup.StartupException">A part of <see cref="EgressGuard.Setting"/> is neither an address nor a network.</exception>
    public static IServiceCollection AddEgress(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton<LoopMark>().AddSingleton<SignedWebhook>().AddSingleton(new EgressGuard(NetworkList.Parse(EgressGuard.Setting, configuration[EgressGuard.Setting])));
}
