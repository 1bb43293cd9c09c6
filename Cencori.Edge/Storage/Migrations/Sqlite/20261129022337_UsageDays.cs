using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129022337_UsageDays")]
    public class UsageDays : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "caller_days",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<short>(type: "INTEGER", nullable: false),
                    WriterId = table.Column<long>(type: "INTEGER", nullable: false),
                    Day = table.Column<long>(type: "INTEGER", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    CallerId = table.Column<string>(type: "TEXT", nullable: false),
                    Requests = table.Column<long>(type: "INTEGER", nullable: false),
                    Success = table.Column<long>(type: "INTEGER", nullable: false),
                    Errors = table.Column<long>(type: "INTEGER", nullable: false),
                    Filtered = table.Column<long>(type: "INTEGER", nullable: false),
                    RateLimited = table.Column<long>(type: "INTEGER", nullable: false),
                    Cancelled = table.Column<long>(type: "INTEGER", nullable: false),
                    PromptTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    CachedTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    CompletionTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    Picodollars = table.Column<long>(type: "INTEGER", nullable: false),
                    Unpriced = table.Column<long>(type: "INTEGER", nullable: false),
                    LatencyMicroseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Latencies = table.Column<byte[]>(type: "BLOB", nullable: false),
                    FirstBytes = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_caller_days", x => new { x.ProjectId, x.Environment, x.Day, x.Kind, x.CallerId, x.WriterId });
                });

            migrationBuilder.CreateTable(
                name: "usage_days",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<short>(type: "INTEGER", nullable: false),
                    WriterId = table.Column<long>(type: "INTEGER", nullable: false),
                    Day = table.Column<long>(type: "INTEGER", nullable: false),
                    Provider = table.Column<string>(type: "TEXT", nullable: false),
                    Model = table.Column<string>(type: "TEXT", nullable: false),
                    Requests = table.Column<long>(type: "INTEGER", nullable: false),
                    Success = table.Column<long>(type: "INTEGER", nullable: false),
                    Errors = table.Column<long>(type: "INTEGER", nullable: false),
                    Filtered = table.Column<long>(type: "INTEGER", nullable: false),
                    RateLimited = table.Column<long>(type: "INTEGER", nullable: false),
                    Cancelled = table.Column<long>(type: "INTEGER", nullable: false),
                    PromptTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    CachedTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    CompletionTokens = table.Column<long>(type: "INTEGER", nullable: false),
                    Picodollars = table.Column<long>(type: "INTEGER", nullable: false),
                    Unpriced = table.Column<long>(type: "INTEGER", nullable: false),
                    LatencyMicroseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Latencies = table.Column<byte[]>(type: "BLOB", nullable: false),
                    FirstBytes = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_days", x => new { x.ProjectId, x.Environment, x.Day, x.Provider, x.Model, x.WriterId });
                });

            migrationBuilder.CreateIndex(
                name: "IX_caller_days_Day_ProjectId",
                table: "caller_days",
                columns: new[] { "Day", "ProjectId" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_days_Day_ProjectId",
                table: "usage_days",
                columns: new[] { "Day", "ProjectId" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "caller_days");

            migrationBuilder.DropTable(
                name: "usage_days");
        }
    }
}
