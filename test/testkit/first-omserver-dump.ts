/** Dumps of the first OMServer's database, written from its description: what both tools make of the same content. */

/** By phpMyAdmin: column lists, comments in Chinese, CRLF escapes inside strings. */
export const phpMyAdminDump = `-- phpMyAdmin SQL Dump
-- 主机: localhost
-- 生成日期: 2014 年 11 月 14 日
SET SQL_MODE="NO_AUTO_VALUE_ON_ZERO";
/*!40101 SET NAMES utf8 */;
--
-- 数据库: \`OMServer\`
--
CREATE TABLE IF NOT EXISTS \`server_fun_categ\` (
  \`ID\` int(11) NOT NULL AUTO_INCREMENT COMMENT '服务功能分类ID',
  \`server_categ_name\` char(20) NOT NULL,
  PRIMARY KEY (\`ID\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COMMENT='服务功能分类表' AUTO_INCREMENT=4 ;
INSERT INTO \`server_fun_categ\` (\`ID\`, \`server_categ_name\`) VALUES
(1, 'Linux.Web'),
(2, 'Linux.Mysql'),
(3, 'Windows.Mssql');
INSERT INTO \`server_app_categ\` (\`ID\`, \`server_categ_id\`, \`app_categ_name\`) VALUES
(1, 1, 'bbs.domain.com'),
(2, 2, 'db.domain.com'),
(3, 9, 'nowhere.domain.com');
INSERT INTO \`server_list\` (\`server_name\`, \`server_wip\`, \`server_lip\`, \`server_op\`, \`server_app_id\`) VALUES
('web1', '203.0.113.1', '192.168.1.11', 'Centos 6', 1),
('app-server-01', '203.0.113.2', '192.168.1.12', 'Centos 6', 1),
('app-server-01', '203.0.113.3', '192.168.1.13', 'Centos 6', 1),
('db 1', '', '192.168.1.21', 'Centos 6', 2),
('db2', '', '192.168.1.22', 'Centos 6', 2),
('lost', '', '192.168.1.99', 'Centos 6', 77);
INSERT INTO \`module_list\` (\`ID\`, \`module_name\`, \`module_caption\`, \`module_extend\`) VALUES
(1001, '查看系统日志', '<b>说明</b>：查看系统日志。<br>it\\'s read only', '行数：<input name="sys_param_1" type="text" value="30" size="6" maxlength="4">\\r\\n'),
(1003, '查看系统版本', '查看系统版本', ''),
(1007, '重启进程服务', '', '服务：<select name=\\'sys_param_1\\'><option value="nginx" selected="selected">nginx</option><option value="mysql">MySQL 服务</option></select>'),
(1008, '上传', '', '文件：<input type="file" name="sys_param_1">');
INSERT INTO \`server_history\` (\`ID\`, \`history_id\`, \`history_ip\`, \`history_user\`, \`history_datetime\`, \`db_datetime\`, \`history_command\`) VALUES
(1, 101, '192.168.1.11', 'root', '2014-11-14 09:30:00', '2014-11-14 09:30:05', 'echo \\'a;b\\' && ls -l \\\\tmp'),
(2, 102, '192.168.1.250', 'nobody', '2014-11-14 09:31:00', '0000-00-00 00:00:00', 'whoami'),
(3, 103, '192.168.1.22', 'root', '0000-00-00 00:00:00', '2014-11-14 09:30:05', 'uptime');
`;

/** By mysqldump: no column lists, the columns in the table's own order. */
export const mysqldumpDump = `-- MySQL dump 10.13  Distrib 5.1.73
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS \`server_fun_categ\`;
CREATE TABLE \`server_fun_categ\` (\`ID\` int(11) NOT NULL AUTO_INCREMENT, \`server_categ_name\` char(20) NOT NULL, PRIMARY KEY (\`ID\`)) ENGINE=InnoDB;
LOCK TABLES \`server_fun_categ\` WRITE;
INSERT INTO \`server_fun_categ\` VALUES (1,'Linux.Web');
UNLOCK TABLES;
CREATE TABLE \`server_app_categ\` (\`ID\` int(11) NOT NULL, \`app_categ_name\` char(30) NOT NULL, \`server_categ_id\` int(11) NOT NULL);
INSERT INTO \`server_app_categ\` VALUES (1,'bbs.domain.com',1);
CREATE TABLE \`server_list\` (\`server_lip\` char(12) NOT NULL, \`server_name\` char(13) NOT NULL, \`server_wip\` char(15) NOT NULL, \`server_app_id\` int(11) NOT NULL, \`server_op\` char(10) NOT NULL, PRIMARY KEY (\`server_lip\`), CONSTRAINT \`fk\` FOREIGN KEY (\`server_app_id\`) REFERENCES \`server_app_categ\` (\`ID\`));
INSERT INTO \`server_list\` VALUES ('192.168.1.11','web1','203.0.113.1',1,'Centos 6');
`;

/**
 * By mysqldump 5.1 on Windows, as the first OMServer's own database may look: DOS line ends, conditionals, keys, several
 * rows an INSERT, and forms as people wrote HTML in 2012. `names` is what SET NAMES and CHARSET say.
 */
export function windowsDump(names: string): string {
  return `-- MySQL dump 10.13  Distrib 5.1.63, for Win32 (ia32)
--
-- Host: localhost    Database: OMServer
-- ------------------------------------------------------
-- Server version	5.1.63-community

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES ${names} */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;

--
-- Table structure for table \`module_list\`
--

DROP TABLE IF EXISTS \`module_list\`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE \`module_list\` (
  \`ID\` int(11) NOT NULL AUTO_INCREMENT COMMENT '模块ID，从1001开始',
  \`module_name\` char(20) NOT NULL COMMENT '模块名称; ''name''',
  \`module_caption\` char(255) NOT NULL,
  \`module_extend\` varchar(2000) NOT NULL DEFAULT '',
  PRIMARY KEY (\`ID\`),
  KEY \`name\` (\`module_name\`(10))
) ENGINE=MyISAM AUTO_INCREMENT=1008 DEFAULT CHARSET=${names} COMMENT='模块列表';

--
-- Dumping data for table \`module_list\`
--

LOCK TABLES \`module_list\` WRITE;
/*!40000 ALTER TABLE \`module_list\` DISABLE KEYS */;
INSERT INTO \`module_list\` VALUES (1001,'查看系统日志','<FONT COLOR=\\'#FF0000\\'>查看</FONT>系统日志<BR>\\r\\n默认<b>30</b>行','显示 <INPUT NAME=sys_param_1 TYPE=text ID=sys_param_1 VALUE=30 SIZE=6 MAXLENGTH=4 ONKEYUP=\\"this.value=this.value.replace(/\\\\D/g,\\'\\')\\"> 行'),(1002,'查看最新登录','','<TABLE BORDER=0><TR><TD><TABLE><TR><TD ALIGN=right>行数：<TD><INPUT NAME=\\"sys_param_1\\" VALUE=\\"10\\"></TABLE></TABLE>'),(1003,'查看系统版本','',''),(1004,'查看内核模块','',''),(1005,'同步应用文件','','<table>\\r\\n<tr><td>应用</td><td><input type=radio name=sys_param_1 value=nginx checked>Nginx<br><input type=radio name=sys_param_1 value=haproxy>HAProxy</td></tr>\\r\\n<tr><td>说明</td><td><TEXTAREA name=sys_param_2 rows=3>同步\\r\\n文件</TEXTAREA> 可为空</td></tr></table>');
INSERT INTO \`module_list\` VALUES (1006,'查看应用配置','','应用: <select name=sys_param_1 onchange=\\'go()\\'><option value=nginx selected>Nginx 服务<option value=mysql>MySQL</select><input type=hidden name=sys_param_2 value=cat>'),(1007,'重启进程服务','','<input type=checkbox name=sys_param_1 value=force> 强制');
/*!40000 ALTER TABLE \`module_list\` ENABLE KEYS */;
UNLOCK TABLES;

CREATE TABLE \`server_fun_categ\` (\`ID\` int(11) NOT NULL AUTO_INCREMENT, \`server_categ_name\` char(20) NOT NULL, PRIMARY KEY (\`ID\`)) ENGINE=MyISAM DEFAULT CHARSET=${names};
INSERT INTO \`server_fun_categ\` VALUES (1,'Linux.Web'),(2,'数据库');
CREATE TABLE \`server_app_categ\` (\`ID\` int(11) NOT NULL, \`server_categ_id\` int(11) NOT NULL, \`app_categ_name\` char(30) NOT NULL);
INSERT INTO \`server_app_categ\` VALUES (1,1,'bbs.domain.com'),(2,2,'订单库');
CREATE TABLE \`server_list\` (\`server_name\` char(13) NOT NULL, \`server_wip\` char(15) NOT NULL, \`server_lip\` char(12) NOT NULL, \`server_op\` char(10) NOT NULL, \`server_app_id\` int(11) NOT NULL, PRIMARY KEY (\`server_lip\`));
INSERT INTO \`server_list\` VALUES ('web1','203.0.113.1','192.168.1.10','Centos 6.2',1),('db1','','192.168.10.7','Redhat 5',2);
CREATE TABLE \`server_history\` (\`ID\` int(11) NOT NULL AUTO_INCREMENT, \`history_id\` int(11) NOT NULL, \`history_ip\` char(15) NOT NULL, \`history_user\` char(15) NOT NULL, \`history_datetime\` datetime NOT NULL, \`db_datetime\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, \`history_command\` char(255) NOT NULL, PRIMARY KEY (\`ID\`));
INSERT INTO \`server_history\` VALUES (1,1,'192.168.1.10','root','2012-11-14 09:30:00','2012-11-14 09:30:05','grep \\'错误\\' /var/log/messages | awk \\'{print $1}\\' \\\\\\n');
-- Dump completed on 2012-11-14  9:31:00
`.replaceAll("\n", "\r\n");
}
