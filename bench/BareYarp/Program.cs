// The baseline of every ratio: YARP as in its documentation, with one route to one provider and a production level of
// logging.
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "provider", Match = new RouteMatch { Path = "{**path}" } }],
    [
        new ClusterConfig
        {
            ClusterId = "provider",
            Destinations = new Dictionary<string, DestinationConfig> { ["default"] = new() { Address = builder.Configuration["Provider"]! } },
        },
    ]);

await using var app = builder.Build();
app.MapReverseProxy();
await app.RunAsync();
