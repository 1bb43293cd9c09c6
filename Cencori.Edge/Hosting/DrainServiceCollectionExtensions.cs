using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

public static class DrainServiceCollectionExtensions
{
    /// <summary>Time after the last request in which services write the records that they still hold.</summary>
    private static readonly TimeSpan TimeToWrite = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddDrain(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DrainOptions>()
            .Bind(configuration.GetSection(DrainOptions.Section))
            .Validate(drain => drain.IsValid, $"{DrainOptions.Section}:{nameof(DrainOptions.GraceSeconds)} and {DrainOptions.Section}:{nameof(DrainOptions.TimeoutSeconds)} must be 0 to 86400 seconds.")
            .ValidateOnStart();

        // The timeout of the host's shutdown. A supervisor (Docker, systemd, Kubernetes) must wait at least this long before it kills the process.
        services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Grace + drain.Value.Timeout + TimeToWrite);
        services.AddSingleton<Listeners>();
        services.AddOptions<SocketTransportOptions>()
            .Configure<Listeners>((sockets, listeners) => sockets.CreateBoundListenSocket = listeners.Create);
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        return services;
    }
}
