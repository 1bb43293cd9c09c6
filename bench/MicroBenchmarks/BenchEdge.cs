using Cencori.Edge.Hosting;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Bench.Micro;

/// <summary>An edge with its own database, built but not started: no background work runs beside the benchmark.</summary>
internal static class BenchEdge
{
    public static async Task<WebApplication> PrepareAsync()
    {
        var directory = Directory.CreateTempSubdirectory("bench-micro-");
        var edge = Program.Build([$"--Storage:DataDirectory={directory.FullName}"], builder => builder.Logging.ClearProviders());
        await Welcome.PrepareAsync(edge.Services);
        return edge;
    }

    public static async ValueTask RemoveAsync(WebApplication edge)
    {
        var directory = Path.GetDirectoryName(edge.Services.GetRequiredService<DataDirectory>().DatabaseFile)!;
        await edge.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
