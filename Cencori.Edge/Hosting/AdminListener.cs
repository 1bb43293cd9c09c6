using Cencori.Edge.Dashboard;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Addresses of their own for the administration, <c>Admin:Urls</c>: there it is, with the health of the edge and nothing else, and
/// nowhere else it is. Without the setting it is where requests come in.
/// </summary>
public static class AdminListener
{
    /// <summary>Addresses as in <c>Urls</c>, separated by semicolons; each with a port that no address of <c>Urls</c> has. Default none.</summary>
    public const string Setting = "Admin:Urls";

    /// <summary>The addresses; none where the administration has none of its own.</summary>
    public static IReadOnlyList<string> Addresses(IConfiguration configuration) => EdgeHost.Split(configuration[Setting]);

    /// <param name="configuration">Of the edge.</param>
    /// <param name="others">Where requests come in.</param>
    /// <exception cref="StartupException">An address is none, or its port is needed elsewhere.</exception>
    public static void RefuseWrongSettings(IConfiguration configuration, IEnumerable<string> others)
    {
        var taken = others.Select(PortOf).ToHashSet();
        foreach (var address in Addresses(configuration))
        {
            // By the port it is known which of them a request came to. 0 is whichever is free.
            if (BindingAddress.Parse(address).IsUnixPipe || (PortOf(address) is not 0 and var port && taken.Contains(port)))
            {
                throw new StartupException($"{Setting}: '{address}' must have a port of its own, which is not among those of Urls.");
            }
        }

        if (Addresses(configuration).Count > 0 && configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new StartupException($"{Setting}: it does not go together with Kestrel:Endpoints. Set Urls in its place.");
        }
    }

    /// <summary>Costs a request nothing where the administration has no addresses of its own.</summary>
    public static void UseAdminListener(this WebApplication app)
    {
        var count = Addresses(app.Configuration).Count;
        if (count == 0)
        {
            return;
        }

        // Where they are bound they are the last. Before all are, nothing is administered.
        int[] ports = [];
        app.Lifetime.ApplicationStarted.Register(() =>
            ports = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.TakeLast(count).Select(PortOf)]);
        app.Use((context, next) =>
            ports.Contains(context.Connection.LocalPort) == BelongsThere(context) || IsHealth(context.Request.Path)
                ? next(context)
                : context.Refuse(new EdgeError(ErrorKind.NotFound, "There is nothing at this path.")));
    }

    private static bool BelongsThere(HttpContext context) => 
        Exchange.Of(context).Endpoint.Operation is Operation.Administration or Operation.Dashboard || RootRedirect.IsAsked(context.Request);

    private static bool IsHealth(PathString path) => path == ReadinessApi.LivePath || path == ReadinessApi.ReadyPath || path == HealthApi.Path;

    private static int PortOf(string address) => BindingAddress.Parse(address).Port;
}
