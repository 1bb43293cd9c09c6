using Cencori.Edge.Dashboard.Layout;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class ViewerTests
{
    /// <summary>The runtime keeps each name of a zone in memory, and anybody can send names.</summary>
    [Theory]
    [InlineData("Europe/Berlin", "Europe/Berlin")]
    [InlineData("America/Argentina/Salta", "America/Argentina/Salta")]
    [InlineData("Europe//Berlin", "UTC")]
    [InlineData("Europe///Berlin", "UTC")]
    [InlineData("/Europe/Berlin", "UTC")]
    [InlineData("Europe/Berlin/", "UTC")]
    [InlineData("Europe/./Berlin", "UTC")]
    [InlineData("Europe/../Europe/Berlin", "UTC")]
    [InlineData("Nowhere/Here", "UTC")]
    [InlineData("", "UTC")]
    public void A_time_zone_has_one_name(string cookie, string zone)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"{Viewer.ZoneCookie}={Uri.EscapeDataString(cookie)}";

        Assert.Equal(zone, Viewer.Of(context.Request, TimeProvider.System).Zone.Id);
    }
}
