using System.Net;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Browsers of users with a role, signed in as if by a provider.</summary>
internal static class RoleClients
{
    public static async Task<PageClient> SignedInAsync(this RunningEdge edge, UserRole role, params string[] projects)
    {
        var (user, secret, now) = (Guid.NewGuid().ToString("N"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), edge.Services.GetRequiredService<TimeProvider>().GetUtcNow());
        await edge.ReadAsync(async database =>
        {
            database.Users.Add(new UserRecord { Id = user, Issuer = "https://id.example", Subject = user, Name = $"a {role}", Role = role, CreatedAt = now });
            database.Memberships.AddRange(projects.Select(project => new MembershipRecord { UserId = user, ProjectId = project }));
            database.Sessions.Add(new SessionRecord { Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))), UserId = user, CreatedAt = now, SeenAt = now });
            return await database.SaveChangesAsync();
        });
        var client = new PageClient(edge.Address) { UserId = user };
        client.Cookies.Add(edge.Address, new Cookie("edge", secret, "/"));
        return client;
    }
}
