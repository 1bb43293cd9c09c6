using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>A <see cref="RespondingEdge"/> whose month and day do not end during the tests.</summary>
public sealed class MidMonthEdge : RespondingEdge
{
    public MidMonthClock Clock { get; } = new();

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);
}
